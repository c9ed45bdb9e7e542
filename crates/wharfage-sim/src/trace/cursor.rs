//! Goes through a trace as a run does, one request at a time.

use std::{fmt, sync::Arc};

use super::{Stored, Trace, counts::Spreading, rows::Rows};
use crate::random::Stream;

/// Where in a trace a run is.
pub struct Cursor {
    trace: Arc<Trace>,
    /// requests before the next
    passed: u64,
    file: Option<Rows>,
    spreading: Spreading,
    service: u64,
    cold: u64,
    changed: bool,
}

impl Cursor {
    /// Before the first request.
    pub fn new(trace: Arc<Trace>) -> Self {
        let file = match &trace.rows {
            Stored::Filed { file, format, .. } => file.open().ok().and_then(|from| Rows::new(from, format).ok()),
            Stored::Kept(_) | Stored::Counts(_) => None,
        };
        Self { trace, passed: 0, file, spreading: Spreading::default(), service: 0, cold: 0, changed: false }
    }

    /// When the next request arrives, in nanoseconds; [`u64::MAX`] behind the last.
    #[inline]
    pub fn next_at(&mut self, stream: &mut Stream) -> u64 {
        let n = self.passed as usize;
        self.passed += 1;
        match &self.trace.rows {
            Stored::Kept(kept) => {
                self.service = kept.services.get(n).copied().unwrap_or(0);
                self.cold = kept.colds.get(n).copied().unwrap_or(0);
                kept.arrivals.get(n).copied().unwrap_or(u64::MAX)
            }
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
                (self.service, self.cold) = (row.service, row.cold);
                at
            }
            // It was right when it was checked.
            _ => {
                self.changed = true;
                u64::MAX
            }
        }
    }

    /// How long the request takes that arrived last.
    #[inline]
    pub fn service(&self) -> u64 {
        self.service
    }

    /// How long it takes where it starts an instance.
    #[inline]
    pub fn cold(&self) -> u64 {
        self.cold
    }

    /// Was the file another one when it was read again?
    pub fn changed(&self) -> bool {
        self.changed
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").field("passed", &self.passed).finish_non_exhaustive()
    }
}
