//! What comes out of a run: counts, times of instances, waiting and latency.

mod histogram;

use crate::time::Nanos;
use histogram::Histogram;

/// What came out of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// requests that arrived
    pub requests: u64,
    /// requests that were served; the others were rejected
    pub served: u64,
    /// requests that found no room
    pub rejected: u64,
    /// requests that started an instance
    pub cold_starts: u64,
    /// requests that waited at all
    pub waited: u64,
    /// what the scenario's meter counts, before it is rounded; a life or stretch across the edge of the window counts with the
    /// part inside
    pub metered_ns: u128,
    /// the same after increments and minimums
    pub billed_ns: u128,
    /// how many requests, stretches, lives or nodes were rounded
    pub billed_periods: u64,
    /// time of instances that are there only because of the minimum: as many as it is above those starting or busy
    pub warm_ns: u128,
    /// time of nodes, from when they are asked for; 0 where there are none
    pub node_ns: u128,
    /// service that requests asked for, rejected ones too
    pub asked_ns: u128,
    /// arrival to completion, of served requests
    pub latency: Spread,
    /// arrival to start of service, of served requests
    pub wait: Spread,
    /// times of instances
    pub ledger: Ledger,
    /// most instances at once that were starting or busy
    pub peak_busy: u64,
    /// most instances at once
    pub peak_held: u64,
    /// most nodes at once
    pub peak_nodes: u64,
    /// length of what counts: from the end of the warm-up to the horizon, added over replications
    pub span_ns: u128,
    /// when the run ended: the horizon, or the end of its trace
    pub end: Nanos,
    /// was it ended early: all figures are then those of a run up to `end`
    pub cut: bool,
    /// arrivals, completions, start-ups, expiries and decisions, warm-up and all
    pub events: u64,
    /// instances through the run, of the first replication
    pub series: Vec<Sample>,
}

/// How many instances there are at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// when
    pub at: Nanos,
    /// starting, or up with a request in flight
    pub running: u64,
    /// up without one
    pub idle: u64,
    /// requests that wait in the queue
    pub queued: u64,
    /// nodes that are there or asked for
    pub nodes: u64,
}

impl Outcome {
    /// What another replication gave, too.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.served += other.served;
        self.rejected += other.rejected;
        self.cold_starts += other.cold_starts;
        self.waited += other.waited;
        self.metered_ns += other.metered_ns;
        self.billed_ns += other.billed_ns;
        self.billed_periods += other.billed_periods;
        self.warm_ns += other.warm_ns;
        self.node_ns += other.node_ns;
        self.asked_ns += other.asked_ns;
        self.latency.merge(&other.latency);
        self.wait.merge(&other.wait);
        self.ledger.merge(&other.ledger);
        self.peak_busy = self.peak_busy.max(other.peak_busy);
        self.peak_held = self.peak_held.max(other.peak_held);
        self.peak_nodes = self.peak_nodes.max(other.peak_nodes);
        self.span_ns += other.span_ns;
        self.end = self.end.max(other.end);
        self.events += other.events;
        self.cut |= other.cut;
    }
}

/// Times of instances, and how often they were busy.
///
/// # Invariants
/// `starting_ns + busy_ns + idle_ns = held_ns`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ledger {
    /// from start to readiness
    pub starting_ns: u128,
    /// up with a request in flight
    pub busy_ns: u128,
    /// up without one
    pub idle_ns: u128,
    /// from start to stop, added on its own
    pub held_ns: u128,
    /// intervals with a request in flight; those that touch are one
    pub busy_periods: u64,
}

impl Ledger {
    /// Do the parts add up to the whole?
    pub fn balances(&self) -> bool {
        self.starting_ns + self.busy_ns + self.idle_ns == self.held_ns
    }

    fn merge(&mut self, other: &Self) {
        self.starting_ns += other.starting_ns;
        self.busy_ns += other.busy_ns;
        self.idle_ns += other.idle_ns;
        self.held_ns += other.held_ns;
        self.busy_periods += other.busy_periods;
    }
}

/// Most requests of a trace whose every latency and wait is kept for exact quantiles, over all replications: 160 MB of them.
pub const MOST_EXACT: u64 = 10_000_000;

/// How lengths of time are spread: mean and maximum exactly, quantiles within [`Spread::ERROR`].
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// how many
    pub count: u64,
    /// their sum
    pub sum_ns: u128,
    /// the longest
    pub max_ns: u64,
    zeros: u64,
    /// of those that are not zero
    histogram: Histogram,
    exact: Option<Vec<u64>>,
}

impl Spread {
    /// Largest relative error of a quantile.
    pub const ERROR: f64 = histogram::ERROR;

    /// None yet; `exact` keeps every one.
    pub(crate) fn new(exact: bool) -> Self {
        let histogram = Histogram::default();
        Self { count: 0, sum_ns: 0, max_ns: 0, zeros: 0, histogram, exact: exact.then(Vec::new) }
    }

    /// One more.
    #[inline]
    pub(crate) fn add(&mut self, ns: u64) {
        if ns == 0 {
            return self.add_zeros(1);
        }
        self.count += 1;
        self.sum_ns += u128::from(ns);
        self.max_ns = self.max_ns.max(ns);
        self.histogram.add(ns);
        if let Some(all) = &mut self.exact {
            all.push(ns);
        }
    }

    /// So many more of zero.
    #[cold]
    pub(crate) fn add_zeros(&mut self, n: u64) {
        self.count += n;
        self.zeros += n;
        if let Some(all) = &mut self.exact {
            all.extend((0..n).map(|_| 0));
        }
    }

    /// Puts the exact ones in order, once all are added.
    pub(crate) fn sort(&mut self) {
        if let Some(all) = &mut self.exact {
            all.sort_unstable();
        }
    }

    /// Those of another run, too.
    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum_ns += other.sum_ns;
        self.max_ns = self.max_ns.max(other.max_ns);
        self.zeros += other.zeros;
        self.histogram.merge(&other.histogram);
        self.exact = match (self.exact.take(), &other.exact) {
            (Some(mut all), Some(others)) if (all.len() + others.len()) as u64 <= MOST_EXACT => {
                all.extend(others);
                all.sort_unstable();
                Some(all)
            }
            _ => None,
        };
    }

    /// The nearest-rank quantile `thousandths ÷ 1000`: exact for traces, else within [`Spread::ERROR`].
    pub fn quantile(&self, thousandths: u64) -> Nanos {
        if let Some(exact) = self.exact(thousandths) {
            return exact;
        }
        let rank = self.rank(thousandths);
        if rank <= self.zeros {
            return Nanos(0);
        }
        Nanos(self.histogram.ranked(rank - self.zeros).map_or(self.max_ns, |ns| ns.min(self.max_ns)))
    }

    /// The nearest-rank quantile where every length is kept: those of traces with at most [`MOST_EXACT`] requests.
    pub fn exact(&self, thousandths: u64) -> Option<Nanos> {
        let all = self.exact.as_ref()?;
        let rank = self.rank(thousandths) as usize;
        Some(Nanos(if rank == 0 { 0 } else { all[rank - 1] }))
    }

    /// The rank of a quantile, from 1; 0 where there is none.
    fn rank(&self, thousandths: u64) -> u64 {
        (u128::from(self.count) * u128::from(thousandths)).div_ceil(1000) as u64
    }

    /// The mean; 0 where there is none.
    pub fn mean_ns(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum_ns as f64 / self.count as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_rank_and_near_the_exact_ones() {
        let (mut kept, mut binned) = (Spread::new(true), Spread::new(false));
        for n in (0..=100_000_u64).rev() {
            let ns = if n < 20_000 { 0 } else { n * n };
            kept.add(ns);
            binned.add(ns);
        }
        kept.sort();
        for q in [1, 100, 199, 500, 950, 990, 999, 1000] {
            let (exact, near) = (kept.exact(q).unwrap().0, binned.quantile(q).0);
            assert!((near as f64 - exact as f64).abs() <= Spread::ERROR * exact as f64, "{q}: {near} is not {exact}");
        }
        assert_eq!(kept.quantile(1000).0, 10_000_000_000);
        assert_eq!(Spread::new(true).quantile(500), Nanos(0));
    }
}
