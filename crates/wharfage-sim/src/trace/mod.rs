//! Recorded requests: when each arrived, and how long it took.
//!
//! A trace is read twice: once before a run, so that whatever is wrong with it is told before anything is simulated, and to
//! know how many requests there are; and again, row by row, as a run goes. Up to [`KEPT`] rows are kept in memory instead, as is
//! what can't be read twice or has to be sorted.

mod counts;
mod cursor;
mod date;
mod decimal;
mod expression;
mod fault;
mod input;
mod layout;
mod lines;
mod read;
mod rows;
mod tables;

pub(crate) use cursor::Cursor;
pub use expression::{Expression, Misread};
pub use fault::{TraceFault, Wrong};
pub use input::Input;

use input::Again;

/// Where service times come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Durations {
    /// not from the trace
    #[default]
    None,
    /// as recorded
    Recorded,
    /// worked out from columns
    Expression(Expression),
}

/// How a trace is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Format {
    /// where service times come from
    pub durations: Durations,
    /// are whole times of requests that start an instance recorded too
    pub colds: bool,
    /// put rows in the order of arrival
    pub sort: bool,
    /// only the requests for this function
    pub function: Option<String>,
}

/// Recorded requests in the order of their arrival.
///
/// ```
/// use wharfage_sim::Trace;
/// let trace = Trace::new(vec![0, 5_000], vec![1_000, 1_000], Vec::new()).unwrap();
/// assert_eq!(trace.len(), 2);
/// assert!(Trace::new(vec![5, 0], Vec::new(), Vec::new()).is_err());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    rows: Stored,
    requests: u64,
    /// when the last request arrives
    last: u64,
    services: Moments,
}

/// Where a trace's rows are.
#[derive(Debug, Clone, PartialEq)]
enum Stored {
    Kept(Kept),
    /// in a file, the first of its arrivals being this
    Filed {
        file: Again,
        format: Format,
        first: i128,
    },
    /// requests per minute
    Counts(Vec<u64>),
}

/// Rows in memory; columns that are not read are empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Kept {
    arrivals: Vec<u64>,
    services: Vec<u64>,
    colds: Vec<u64>,
}

/// Most rows of a file that are kept in memory.
pub const KEPT: usize = 1_000_000;

/// How long requests take, all together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Moments {
    sum: u128,
    squares: f64,
}

impl Moments {
    fn add(&mut self, ns: u64) {
        self.sum += u128::from(ns);
        self.squares += ns as f64 * ns as f64;
    }
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
        let mut moments = Moments::default();
        services.iter().for_each(|ns| moments.add(*ns));
        let (requests, last) = (arrivals.len() as u64, arrivals.last().copied().unwrap_or(0));
        let rows = Stored::Kept(Kept { arrivals, services, colds });
        Ok(Self { rows, requests, last, services: moments })
    }

    /// How many requests.
    pub fn len(&self) -> u64 {
        self.requests
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.requests == 0
    }

    /// When the last request arrives, in nanoseconds; of counts, the end of the last minute.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Is it known when each request came, and not only how many came in a minute?
    pub fn is_exact(&self) -> bool {
        !matches!(self.rows, Stored::Counts(_))
    }

    /// The mean in nanoseconds of how long requests take, and the variance over its square; none where that is not read.
    pub fn services(&self) -> Option<(f64, f64)> {
        if self.services.sum == 0 || self.requests == 0 {
            return None;
        }
        let n = self.requests as f64;
        let mean = self.services.sum as f64 / n;
        Some((mean, (self.services.squares / n / (mean * mean) - 1.0).max(0.0)))
    }
}
