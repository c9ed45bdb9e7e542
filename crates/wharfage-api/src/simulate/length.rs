//! How long a simulation takes: one that takes long is asked for twice.

use std::{thread::available_parallelism, time::Duration};

use wharfage_core::{
    Diagnostic,
    text::{Text, Value},
    tr,
};
use wharfage_sim::{Arrivals, Nanos};

/// What is known of a simulation before it begins.
#[derive(Debug)]
pub struct Expected<'a> {
    /// when requests arrive
    pub arrivals: &'a Arrivals,
    /// when that ends; none: with the trace
    pub horizon: Option<Nanos>,
    /// how often each run
    pub replications: u64,
    /// how many policies or platforms
    pub runs: usize,
    /// does any of them decide from time to time
    pub decides: bool,
}

/// How much there is to simulate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Work {
    /// requests, changes of rate and decisions of every run
    steps: f64,
    /// runs, which share the processors
    runs: f64,
}

/// Longest simulation that is not asked for twice.
const LONG: Duration = Duration::from_secs(600);
/// What a request takes to simulate, measured over the policies; a change of rate and a decision take about as long.
const NS_PER_STEP: f64 = 50.0;
/// How often an autoscaler decides, at most.
const DECISIONS_PER_SECOND: f64 = 1.0;

impl Expected<'_> {
    /// All of it together.
    pub fn work(&self) -> Work {
        let trace = if let Arrivals::Trace(trace) = self.arrivals { Some(trace) } else { None };
        let end = self.horizon.map_or_else(|| trace.map_or(0, |t| t.last()), |h| h.0);
        let decisions = if self.decides { DECISIONS_PER_SECOND } else { 0.0 };
        let per_second = self.arrivals.changes_per_second() + decisions;
        let requests = match (trace, self.arrivals.mean_per_second()) {
            (Some(trace), _) => trace.len() as f64,
            (None, mean) => mean.unwrap_or(0.0) * (end as f64 / 1e9),
        };
        let runs = self.runs as f64 * self.replications as f64;
        Work { steps: (requests + per_second * (end as f64 / 1e9)) * runs, runs }
    }
}

impl Work {
    /// As much so many times, one after the other.
    pub fn times(self, n: u64) -> Self {
        Self { steps: self.steps * n as f64, ..self }
    }

    /// What is said of a simulation that takes long.
    pub fn too_long(self) -> Option<Diagnostic> {
        let threads = available_parallelism().map_or(1.0, |n| n.get() as f64);
        let seconds = self.steps * NS_PER_STEP / 1e9 / threads.min(self.runs).max(1.0);
        if seconds <= LONG.as_secs_f64() {
            return None;
        }
        let says = "some {millions} million requests, changes of rate and decisions would take about {time}";
        let values =
            vec![("millions", Value::from(format!("{:.0}", self.steps / 1e6))), ("time", about(seconds).into())];
        let help = "write a shorter --horizon, or --yes to simulate them all";
        Some(Diagnostic::error("simulate/long", Text::new(says, values)).on("simulate.horizon", tr!("long")).help(help))
    }
}

/// A time as people say it.
fn about(seconds: f64) -> Text {
    let (says, unit) = match seconds {
        s if s < 2.0 * 3_600.0 => ("{n} minutes", 60.0),
        s if s < 2.0 * 86_400.0 => ("{n} hours", 3_600.0),
        s if s < 2.0 * 31_557_600.0 => ("{n} days", 86_400.0),
        _ => ("{n} years", 31_557_600.0),
    };
    Text::new(says, vec![("n", format!("{:.0}", seconds / unit).into())])
}

#[cfg(test)]
mod tests {
    use wharfage_sim::Rate;

    use super::*;

    fn work(per_second: u64, days: u64) -> Work {
        let arrivals = Arrivals::Poisson(Rate::new(per_second, Nanos::from_secs(1)));
        let horizon = Some(Nanos::from_secs(days * 86_400));
        Expected { arrivals: &arrivals, horizon, replications: 1, runs: 1, decides: true }.work()
    }

    fn said(work: Work) -> Option<String> {
        work.too_long().map(|d| d.message.to_string())
    }

    #[test]
    fn a_month_of_100_requests_a_second_is_simulated_at_once_and_a_century_is_not() {
        assert_eq!(said(work(100, 30)), None);
        let long = |millions: &str, time: &str| {
            Some(format!("some {millions} million requests, changes of rate and decisions would take about {time}"))
        };
        assert_eq!(said(work(1_000, 365)), long("31568", "26 minutes"));
        assert_eq!(said(work(1_000, 36_500)), long("3156754", "44 hours"));
        assert_eq!(said(work(1_000_000, 36_500)), long("3153603154", "5 years"));
        assert_eq!(said(work(100, 30).times(100)), long("26179", "22 minutes"));
    }

    #[test]
    fn where_nothing_decides_time_without_requests_takes_none() {
        let trace = wharfage_sim::Trace::new(vec![0, u64::MAX - 1], Vec::new(), Vec::new()).unwrap();
        let arrivals = Arrivals::Trace(trace.into());
        let run = |decides| Expected { arrivals: &arrivals, horizon: None, replications: 1, runs: 1, decides };
        assert_eq!(said(run(false).work()), None);
        assert!(said(run(true).work()).is_some());
    }
}
