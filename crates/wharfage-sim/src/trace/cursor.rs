//! Goes through a trace as a run does, one request at a time.
//!
//! Arrivals are worked out some way ahead of the run: so the times of as many requests are kept.

use std::{fmt, sync::Arc};

use super::{Stored, Trace, counts::Spreading, rows::Rows};
use crate::random::Stream;

/// Most requests that a run may be behind.
pub const BEHIND: usize = 64;

/// Where in a trace a run is.
pub struct Cursor {
    trace: Arc<Trace>,
    /// requests before the next
    passed: u64,
    file: Option<Rows>,
    spreading: Spreading,
    /// services and whole times with a start, of the last requests of a file
    recent: Vec<(u64, u64)>,
    changed: bool,
}

impl Cursor {
    /// Before the first request.
    pub fn new(trace: Arc<Trace>) -> Self {
        let file = match &trace.rows {
            Stored::Filed { file, format, .. } => file.open().ok().and_then(|from| Rows::new(from, format).ok()),
            Stored::Kept(_) | Stored::Counts(_) => None,
        };
        let recent = if file.is_some() { vec![(0, 0); BEHIND] } else { Vec::new() };
        Self { trace, passed: 0, file, spreading: Spreading::default(), recent, changed: false }
    }

    /// When the next request arrives, in nanoseconds; [`u64::MAX`] behind the last.
    #[inline]
    pub fn next_at(&mut self, stream: &mut Stream) -> u64 {
        let n = self.passed as usize;
        self.passed += 1;
        match &self.trace.rows {
            Stored::Kept(kept) => kept.arrivals.get(n).copied().unwrap_or(u64::MAX),
            Stored::Counts(counts) => self.spreading.next(counts, stream),
            Stored::Filed { .. } => self.next_of_file(),
        }
    }

    fn next_of_file(&mut self) -> u64 {
        let Stored::Filed { format, first, .. } = &self.trace.rows else { return u64::MAX };
        if self.passed > self.trace.requests {
            return u64::MAX;
        }
        let row = self.file.as_mut().and_then(|rows| rows.next(format).ok().flatten());
        let at = row.and_then(|row| u64::try_from(row.at - first).ok());
        match (row, at) {
            (Some(row), Some(at)) => {
                self.recent[place(self.passed - 1)] = (row.service, row.cold);
                at
            }
            // It was right when it was checked.
            _ => {
                self.changed = true;
                u64::MAX
            }
        }
    }

    /// How long request `n` takes, one of the last [`BEHIND`]; 0 where the trace does not say.
    #[inline]
    pub fn service(&self, n: u64) -> u64 {
        match &self.trace.rows {
            Stored::Kept(kept) => kept.services.get(n as usize).copied().unwrap_or(0),
            Stored::Filed { .. } => self.recent[place(n)].0,
            Stored::Counts(_) => 0,
        }
    }

    /// How long it takes where it starts an instance.
    #[inline]
    pub fn cold(&self, n: u64) -> u64 {
        match &self.trace.rows {
            Stored::Kept(kept) => kept.colds.get(n as usize).copied().unwrap_or(0),
            Stored::Filed { .. } => self.recent[place(n)].1,
            Stored::Counts(_) => 0,
        }
    }

    /// Requests that were passed.
    pub fn passed(&self) -> u64 {
        self.passed
    }

    /// Was the file another one when it was read again?
    pub fn changed(&self) -> bool {
        self.changed
    }
}

/// Where the times of request `n` are kept.
fn place(n: u64) -> usize {
    (n % BEHIND as u64) as usize
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").field("passed", &self.passed).finish_non_exhaustive()
    }
}
