//! Recorded requests: when each arrived, and how long it took.

mod decimal;
mod expression;
mod read;

pub use expression::Expression;
pub use read::{Durations, Format, TraceFault, Wrong};

use crate::time::Nanos;

/// Recorded requests in the order of their arrival.
///
/// ```
/// use wharfage_sim::Trace;
/// let trace = Trace::new(vec![0, 5_000], vec![1_000, 1_000], Vec::new()).unwrap();
/// assert_eq!(trace.len(), 2);
/// assert!(Trace::new(vec![5, 0], Vec::new(), Vec::new()).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trace {
    arrivals: Vec<u64>,
    services: Vec<u64>,
    colds: Vec<u64>,
}

/// What is wrong with columns that should make a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// a request arrives before the one that stands before it; the position, from 0
    Unsorted(usize),
    /// a column is not as long as the arrivals
    Length,
}

impl Trace {
    /// Arrivals, and where known service times and whole times of requests that start an instance; all in nanoseconds,
    /// the latter two empty or as long as the first.
    ///
    /// # Errors
    /// Where arrivals are not sorted, or columns differ in length.
    pub fn new(arrivals: Vec<u64>, services: Vec<u64>, colds: Vec<u64>) -> Result<Self, Misfit> {
        if let Some(n) = arrivals.windows(2).position(|w| w[1] < w[0]) {
            return Err(Misfit::Unsorted(n + 1));
        }
        let fits = |column: &Vec<u64>| column.is_empty() || column.len() == arrivals.len();
        if !fits(&services) || !fits(&colds) {
            return Err(Misfit::Length);
        }
        Ok(Self { arrivals, services, colds })
    }

    /// How many requests.
    pub fn len(&self) -> usize {
        self.arrivals.len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.arrivals.is_empty()
    }

    /// When the last request arrives; 0 where there is none.
    pub fn last(&self) -> Nanos {
        Nanos(self.arrivals.last().copied().unwrap_or_default())
    }

    /// Does it say how long each request took?
    pub fn has_services(&self) -> bool {
        !self.services.is_empty()
    }

    /// Does it say how long each request would take that starts an instance?
    pub fn has_colds(&self) -> bool {
        !self.colds.is_empty()
    }

    /// When request `n` arrives; [`u64::MAX`] behind the last.
    pub(crate) fn arrival(&self, n: usize) -> u64 {
        self.arrivals.get(n).copied().unwrap_or(u64::MAX)
    }

    /// How long request `n` takes.
    pub(crate) fn service(&self, n: usize) -> u64 {
        self.services[n]
    }

    /// How long request `n` takes where it starts an instance.
    pub(crate) fn cold(&self, n: usize) -> u64 {
        self.colds[n]
    }
}
