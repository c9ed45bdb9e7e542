//! Looking on while runs go, and ending them early.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use crate::scenario::Scenario;

/// How far runs are, and whether they are to end: shared with the threads that run them.
///
/// ```
/// let watch = wharfage_sim::Watch::new();
/// assert_eq!((watch.done(), watch.requests()), (0.0, 0));
/// watch.stop();
/// assert!(watch.is_stopped());
/// ```
#[derive(Debug, Default)]
pub struct Watch {
    stopped: AtomicBool,
    /// simulated nanoseconds of all replications together
    whole: AtomicU64,
    done: AtomicU64,
    requests: AtomicU64,
}

impl Watch {
    /// For runs that have not begun.
    pub const fn new() -> Self {
        let zero = AtomicU64::new;
        Self { stopped: AtomicBool::new(false), whole: zero(0), done: zero(0), requests: zero(0) }
    }

    /// Asks all runs to end with what is known so far.
    pub fn stop(&self) {
        self.stopped.store(true, Relaxed);
    }

    /// Are they asked to?
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Relaxed)
    }

    /// The share of simulated time that is done, over all runs that this watch is given to: 0 to 1.
    pub fn done(&self) -> f64 {
        let whole = self.whole.load(Relaxed);
        if whole == 0 { 0.0 } else { (self.done.load(Relaxed) as f64 / whole as f64).min(1.0) }
    }

    /// Requests that have arrived.
    pub fn requests(&self) -> u64 {
        self.requests.load(Relaxed)
    }

    /// So many replications of a scenario are to be run: without it, the share that is done stays 0.
    pub fn expect(&self, scenario: &Scenario, replications: u64) {
        // A sum beyond 64 bits is only a share that is told wrongly.
        self.whole.fetch_add(scenario.length().saturating_mul(replications.max(1)), Relaxed);
    }

    /// So much of it is done.
    pub(crate) fn add(&self, ns: u64, requests: u64) {
        self.done.fetch_add(ns, Relaxed);
        self.requests.fetch_add(requests, Relaxed);
    }
}
