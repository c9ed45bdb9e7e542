//! Looking at runs from outside: how far they are, and asking them to end.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Shared with the threads that simulate; whoever holds it sees how far they are, and can ask them to end with what is known so
/// far.
///
/// # Invariants
/// Looking changes nothing; a run that is not asked to end gives the same outcome with a watch as without.
#[derive(Debug, Default)]
pub struct Watch {
    stopped: AtomicBool,
    expected: AtomicU64,
    parts: AtomicU64,
    requests: AtomicU64,
}

/// Parts of a whole run.
const WHOLE: f64 = 1e9;

impl Watch {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// So many more replications are to come, over all scenarios.
    pub fn expect(&self, replications: u64) {
        self.expected.fetch_add(replications, Ordering::Relaxed);
    }

    /// Asks all runs to end with what is known so far.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Are they asked to end?
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// The share of simulated time that is done, of all replications that are expected: 0 to 1.
    pub fn done(&self) -> f64 {
        let expected = self.expected.load(Ordering::Relaxed).max(1) as f64;
        (self.parts.load(Ordering::Relaxed) as f64 / WHOLE / expected).min(1.0)
    }

    /// Requests that arrived so far, over all replications.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

/// What one run has told its watch.
#[derive(Debug)]
pub(crate) struct Told<'w> {
    watch: &'w Watch,
    /// events after which the run looks again
    next: u64,
    parts: u64,
    requests: u64,
}

impl<'w> Told<'w> {
    /// Events between two looks: some milliseconds.
    const BETWEEN: u64 = 1 << 17;

    pub(crate) fn new(watch: &'w Watch) -> Self {
        Self { watch, next: Self::BETWEEN, parts: 0, requests: 0 }
    }

    /// Is it time to look again, after so many events?
    #[inline]
    pub(crate) fn is_due(&self, events: u64) -> bool {
        events >= self.next
    }

    /// Tells how far a run is; is it asked to end?
    #[cold]
    pub(crate) fn tell(&mut self, events: u64, done: f64, requests: u64) -> bool {
        self.next = events + Self::BETWEEN;
        let parts = (done.clamp(0.0, 1.0) * WHOLE) as u64;
        self.watch.parts.fetch_add(parts.saturating_sub(self.parts), Ordering::Relaxed);
        self.watch.requests.fetch_add(requests.saturating_sub(self.requests), Ordering::Relaxed);
        (self.parts, self.requests) = (parts.max(self.parts), requests.max(self.requests));
        self.watch.is_stopped()
    }
}
