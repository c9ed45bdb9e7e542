//! Several runs of one scenario with other random numbers, over all processors, and how far their means can be trusted.
//!
//! # Invariants
//! The result does not depend on the number of threads: counts are added as integers, and figures of replications are
//! compared in the order of their numbers.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    engine::{Stop, simulate_watched},
    outcome::Outcome,
    scenario::Scenario,
    watch::Watch,
};

/// What several replications gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// all of them together: counts and times added, quantiles over all requests, the highest peaks
    pub all: Outcome,
    /// half-widths of the 95 % confidence intervals; `None` for a single replication
    pub ci95: Option<Figures>,
}

/// Figures of a run that replications differ in.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// share of requests that started an instance
    pub cold_starts: f64,
    /// share of requests that were rejected
    pub rejected: f64,
    /// latency in nanoseconds: mean, p50, p95, p99, maximum
    pub latency_ns: [f64; 5],
    /// wait in nanoseconds: mean, p50, p95, p99, maximum
    pub wait_ns: [f64; 5],
    /// mean number of instances that are starting or busy
    pub running: f64,
    /// mean number of idle instances
    pub idle: f64,
    /// mean number of instances
    pub total: f64,
}

impl Figures {
    fn of(o: &Outcome) -> Self {
        let per_request = |n: u64| if o.requests == 0 { 0.0 } else { n as f64 / o.requests as f64 };
        let mean = |ns: u128| if o.span_ns == 0 { 0.0 } else { ns as f64 / o.span_ns as f64 };
        let spread = |s: &crate::Spread| {
            let [a, b, c] = [500, 950, 990].map(|q| s.quantile(q).as_f64());
            [s.mean_ns(), a, b, c, s.max_ns as f64]
        };
        Self {
            cold_starts: per_request(o.cold_starts),
            rejected: per_request(o.rejected),
            latency_ns: spread(&o.latency),
            wait_ns: spread(&o.wait),
            running: mean(o.ledger.starting_ns + o.ledger.busy_ns),
            idle: mean(o.ledger.idle_ns),
            total: mean(o.ledger.held_ns),
        }
    }

    /// Applies `f` to each figure over all replications.
    fn each(all: &[Self], f: impl Fn(&mut dyn Iterator<Item = f64>) -> f64) -> Self {
        let of = |get: &dyn Fn(&Self) -> f64| f(&mut all.iter().map(get));
        Self {
            cold_starts: of(&|x| x.cold_starts),
            rejected: of(&|x| x.rejected),
            latency_ns: std::array::from_fn(|n| of(&|x| x.latency_ns[n])),
            wait_ns: std::array::from_fn(|n| of(&|x| x.wait_ns[n])),
            running: of(&|x| x.running),
            idle: of(&|x| x.idle),
            total: of(&|x| x.total),
        }
    }
}

/// Simulates replications 0 to `replications - 1` on up to `threads` threads; `watch` tells how far they are, and can end them.
///
/// Where they are ended early, those that had begun count up to where they were, and the others not at all.
///
/// # Errors
/// Where one of them is given up: the reason of the first.
pub fn replicate(scenario: &Scenario, replications: u64, threads: usize, watch: &Watch) -> Result<Study, Stop> {
    let replications = replications.max(1);
    let next = AtomicU64::new(0);
    let work = || {
        let mut done: Vec<(u64, Result<Figures, Stop>)> = Vec::new();
        let mut all: Option<Outcome> = None;
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            // The first one gives what is known, however little.
            if n >= replications || (n > 0 && watch.is_stopped()) {
                return (done, all);
            }
            let outcome = simulate_watched(scenario, n, watch);
            done.push((n, outcome.as_ref().map(Figures::of).map_err(|stop| *stop)));
            match (&mut all, outcome) {
                (Some(all), Ok(outcome)) => all.merge(&outcome),
                (none, outcome) => *none = outcome.ok(),
            }
        }
    };
    let threads = threads.min(usize::try_from(replications).unwrap_or(usize::MAX));
    let parts = if threads <= 1 { vec![work()] } else { on_threads(threads, &work) };
    let (done, outcomes): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    let mut done: Vec<_> = done.into_iter().flatten().collect();
    done.sort_by_key(|(n, _)| *n);
    let figures = done.into_iter().map(|(_, figures)| figures).collect::<Result<Vec<_>, _>>()?;
    let together = |mut a: Outcome, b: Outcome| {
        a.merge(&b);
        a
    };
    let all = outcomes.into_iter().flatten().reduce(together).expect("at least one replication is simulated");
    Ok(Study { all, ci95: (figures.len() > 1).then(|| Figures::each(&figures, half_width)) })
}

fn on_threads<T: Send>(threads: usize, work: &(impl Fn() -> T + Sync)) -> Vec<T> {
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().map(|h| h.join().expect("a replication does not panic")).collect()
    })
}

/// Half-width of the 95 % confidence interval of a mean.
fn half_width(values: &mut dyn Iterator<Item = f64>) -> f64 {
    let all: Vec<f64> = values.collect();
    let n = all.len() as f64;
    let mean = all.iter().sum::<f64>() / n;
    let squares: f64 = all.iter().map(|x| (x - mean) * (x - mean)).sum();
    student_t(all.len() - 1) * (squares / (n - 1.0) / n).sqrt()
}

/// The 97.5 % quantile of Student's t by degrees of freedom, from the usual table; above it, the largest of the next row.
fn student_t(freedom: usize) -> f64 {
    /// In thousandths.
    #[rustfmt::skip]
    const FIRST: [u32; 30] = [
        12706, 4303, 3182, 2776, 2571, 2447, 2365, 2306, 2262, 2228, 2201, 2179, 2160, 2145, 2131,
        2120, 2110, 2101, 2093, 2086, 2080, 2074, 2069, 2064, 2060, 2056, 2052, 2048, 2045, 2042,
    ];
    let thousandths = match freedom {
        0 => return f64::INFINITY,
        1..=30 => FIRST[freedom - 1],
        31..=60 => FIRST[29],
        61..=120 => 2000,
        _ => 1980,
    };
    f64::from(thousandths) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_students_t() {
        // Mean 3, standard deviation 1.5811, 2.776 * 1.5811 / sqrt(5).
        let width = half_width(&mut [1.0, 2.0, 3.0, 4.0, 5.0].into_iter());
        assert!((width - 1.9629).abs() < 1e-4, "{width}");
    }
}
