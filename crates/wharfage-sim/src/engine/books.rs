//! What a run writes down: times of instances inside the window that counts, and waiting and latency of requests.

use crate::outcome::{Ledger, Spread};

/// The part of a run that counts: from the end of the warm-up to the horizon.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// when it begins
    pub from: u64,
    /// when it ends; [`u64::MAX`] while that is not known
    pub to: u64,
}

impl Window {
    /// How much of an interval lies inside.
    #[inline]
    pub fn part(&self, from: u64, to: u64) -> u64 {
        to.min(self.to).saturating_sub(from.max(self.from))
    }
}

/// What is written down.
#[derive(Debug)]
pub struct Books {
    /// what counts
    pub window: Window,
    /// times of instances
    pub ledger: Ledger,
    /// arrival to completion
    pub latency: Spread,
    /// arrival to start of service
    pub wait: Spread,
    /// requests that arrived
    pub requests: u64,
    /// requests that found no room
    pub rejected: u64,
    /// requests that started an instance
    pub cold_starts: u64,
    /// requests that waited at all
    pub waited: u64,
    /// start-up and service of requests, each rounded up
    pub billed_ns: u128,
    /// service that requests asked for, rejected ones too
    pub asked_ns: u128,
    quantum: u64,
    /// `2^64 ÷ quantum`, rounded down
    inverse: u64,
}

impl Books {
    /// Nothing yet; `exact` keeps every latency and wait.
    pub fn new(window: Window, quantum: u64, exact: bool) -> Self {
        Self {
            window,
            ledger: Ledger::default(),
            latency: Spread::new(exact),
            wait: Spread::new(exact),
            requests: 0,
            rejected: 0,
            cold_starts: 0,
            waited: 0,
            billed_ns: 0,
            asked_ns: 0,
            quantum,
            inverse: u64::MAX / quantum,
        }
    }

    /// Does a request count that arrived then?
    #[inline]
    pub fn counts(&self, arrived: u64) -> bool {
        arrived >= self.window.from
    }

    /// A request is served that waited and took so long, and is billed for a start-up too.
    #[inline]
    pub fn served(&mut self, wait: u64, service: u64, start_up: u64) {
        self.waited += u64::from(wait > 0);
        self.wait.add(wait);
        self.latency.add(wait.saturating_add(service));
        self.billed_ns += self.whole_quanta(start_up.saturating_add(service));
    }

    /// A time rounded up to whole quanta.
    #[inline]
    fn whole_quanta(&self, ns: u64) -> u128 {
        // A product with the quantum's inverse is below the quotient by two at most, and several times as fast.
        let mut quanta = (u128::from(ns) * u128::from(self.inverse)) >> 64;
        while quanta * u128::from(self.quantum) < u128::from(ns) {
            quanta += 1;
        }
        quanta * u128::from(self.quantum)
    }

    /// An instance was busy, and then idle up to `now`.
    #[inline]
    pub fn cycle(&mut self, busy_from: u64, busy_to: u64, now: u64) {
        let busy = self.window.part(busy_from, busy_to);
        self.ledger.busy_ns += u128::from(busy);
        self.ledger.busy_periods += u64::from(busy > 0);
        self.ledger.idle_ns += u128::from(self.window.part(busy_to, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_up_to_whole_quanta_exactly() {
        for quantum in [1, 3, 1_000, 100_000_000, 999_999_937, 60_000_000_000] {
            let books = Books::new(Window { from: 0, to: u64::MAX }, quantum, false);
            for ns in (0..64).flat_map(|bit| [(1_u64 << bit) - 1, 1 << bit, (1 << bit) + 1]).chain([u64::MAX]) {
                let want = u128::from(ns).div_ceil(u128::from(quantum)) * u128::from(quantum);
                assert_eq!(books.whole_quanta(ns), want, "{ns} in {quantum}");
            }
        }
    }
}
