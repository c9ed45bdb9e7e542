//! What is metered of a run, and how it is rounded.
//!
//! # Units
//! Nanoseconds. Only what lies inside the window that counts is metered: the caller cuts it.
//! # Invariants
//! What is billed is never less than what is metered. A length of zero is no stretch, life or node; a request of zero is one.

use crate::scenario::Meter;

/// Rounds lengths of time up to increments, and to a minimum.
#[derive(Debug)]
struct Rounding {
    increment: u64,
    /// `2^64 ÷ increment`, rounded down
    inverse: u64,
    minimum: u64,
}

impl Rounding {
    fn new(increment: u64, minimum: u64) -> Self {
        let increment = increment.max(1);
        Self { increment, inverse: u64::MAX / increment, minimum }
    }

    /// A length rounded up.
    #[inline]
    fn up(&self, ns: u64) -> u128 {
        // A product with the increment's inverse is the quotient or one less, and several times as fast.
        let whole = ((u128::from(ns) * u128::from(self.inverse)) >> 64) as u64;
        let rest = ns - whole * self.increment;
        let more = u64::from(rest > 0) + u64::from(rest > self.increment);
        let lacks = more.wrapping_mul(self.increment).wrapping_sub(rest);
        u128::from(ns) + u128::from(lacks.max(self.minimum.saturating_sub(ns)))
    }
}

/// An unbroken stretch of an instance's activity.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    /// when the billed time began that it belongs to: with it, or with one before it whose minimum it began in
    pub paid_from: u64,
    /// when it began
    pub from: u64,
    /// when it ended
    pub to: u64,
}

/// What a meter has counted.
#[derive(Debug)]
pub struct Metered {
    meter: Meter,
    rounding: Rounding,
    /// before rounding
    pub metered_ns: u128,
    /// after it
    pub billed_ns: u128,
    /// how many lengths were rounded
    pub periods: u64,
}

impl Metered {
    /// Nothing yet.
    pub fn new(meter: Meter) -> Self {
        let rounding = match meter {
            Meter::Requests { quantum } => Rounding::new(quantum.0, 0),
            Meter::Active { increment, minimum }
            | Meter::Life { increment, minimum }
            | Meter::Nodes { increment, minimum } => Rounding::new(increment.0, minimum.0),
        };
        Self { meter, rounding, metered_ns: 0, billed_ns: 0, periods: 0 }
    }

    #[inline]
    fn add(&mut self, ns: u64) {
        self.metered_ns += u128::from(ns);
        self.billed_ns += self.rounding.up(ns);
        self.periods += 1;
    }

    /// A request took so long, its start-up included.
    #[inline]
    pub fn request(&mut self, ns: u64) {
        if matches!(self.meter, Meter::Requests { .. }) {
            self.add(ns);
        }
    }

    /// An instance was starting, or had a request in flight, without a break, and is active again at `next` ([`u64::MAX`]: it is not).
    ///
    /// The minimum of each stretch is paid once, however many begin within it: billed time is a union of times. False where the
    /// next stretch begins in time that this one pays for; then nothing is billed yet. `part` cuts a time to what counts.
    #[inline]
    pub fn stretch(&mut self, stretch: &Stretch, next: u64, part: impl Fn(u64, u64) -> u64) -> bool {
        if !matches!(self.meter, Meter::Active { .. }) {
            return true;
        }
        let Stretch { paid_from, from, to } = *stretch;
        if paid_from == to {
            return true;
        }
        self.metered_ns += u128::from(part(from, to));
        if next < from.saturating_add(self.rounding.minimum) {
            return false;
        }
        let paid = part(paid_from, to);
        if paid > 0 {
            self.billed_ns += self.rounding.up(paid.max(part(paid_from, from) + self.rounding.minimum));
            self.periods += 1;
        }
        true
    }

    /// An instance was there for so long.
    pub fn life(&mut self, ns: u64) {
        if ns > 0 && matches!(self.meter, Meter::Life { .. }) {
            self.add(ns);
        }
    }

    /// A node was there for so long.
    pub fn node(&mut self, ns: u64) {
        if ns > 0 && matches!(self.meter, Meter::Nodes { .. }) {
            self.add(ns);
        }
    }
}

/// Instances that are there only because a minimum keeps them, over time.
#[derive(Debug)]
pub struct Warm {
    minimum: u64,
    now: u64,
    since: u64,
    /// their time together
    pub ns: u128,
}

impl Warm {
    /// None yet.
    pub fn new(minimum: u64) -> Self {
        Self { minimum, now: 0, since: 0, ns: 0 }
    }

    /// From `at` on there are `alive` instances, of which `running` are starting or busy; `part` cuts a time to what counts.
    #[inline]
    pub fn change(&mut self, at: u64, alive: u64, running: u64, part: impl Fn(u64, u64) -> u64) {
        let warm = alive.min(self.minimum).saturating_sub(running);
        if warm != self.now {
            self.ns += u128::from(self.now) * u128::from(part(self.since, at));
            (self.now, self.since) = (warm, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Nanos;

    #[test]
    fn lengths_are_rounded_up_to_whole_increments_exactly() {
        for increment in [1, 3, 1_000, 100_000_000, 999_999_937, 60_000_000_000] {
            let rounding = Rounding::new(increment, 0);
            for ns in (0..64).flat_map(|bit| [(1_u64 << bit) - 1, 1 << bit, (1 << bit) + 1]).chain([u64::MAX]) {
                let want = u128::from(ns).div_ceil(u128::from(increment)) * u128::from(increment);
                assert_eq!(rounding.up(ns), want, "{ns} in {increment}");
            }
        }
    }

    #[test]
    fn a_meter_counts_its_own_lengths_and_no_shorter_than_its_minimum() {
        let (increment, minimum) = (Nanos(10), Nanos(60));
        for (meter, want) in [
            (Meter::Requests { quantum: increment }, [12, 20, 2]),
            (Meter::Active { increment, minimum }, [61, 70, 1]),
            (Meter::Life { increment, minimum }, [7, 60, 1]),
            (Meter::Nodes { increment, minimum }, [100, 120, 2]),
        ] {
            let mut m = Metered::new(meter);
            [12, 0].into_iter().for_each(|ns| m.request(ns));
            for to in [61, 0] {
                m.stretch(&Stretch { paid_from: 0, from: 0, to }, u64::MAX, |from, to| to - from);
            }
            [7, 0].into_iter().for_each(|ns| m.life(ns));
            [60, 40, 0].into_iter().for_each(|ns| m.node(ns));
            assert_eq!([m.metered_ns, m.billed_ns, m.periods.into()], want, "{meter:?}");
        }
    }

    #[test]
    fn a_minimum_is_paid_once_for_all_stretches_that_begin_in_it() {
        #[rustfmt::skip]
        let cases = [
            // stretches; ran, billed, periods
            (vec![(0, 5)],                      (5,  60, 1)),
            (vec![(0, 5), (30, 35)],           (10,  90, 1)), // the second minute begins at 30
            (vec![(0, 5), (30, 105)],          (80, 110, 1)), // and is over before its stretch is
            (vec![(0, 5), (60, 65)],           (10, 120, 2)),
            (vec![(0, 5), (59, 60), (118, 119)], (7, 180, 1)),
        ];
        for (stretches, want) in cases {
            let mut m = Metered::new(Meter::Active { increment: Nanos(10), minimum: Nanos(60) });
            let mut paid_from = 0;
            for (n, &(from, to)) in stretches.iter().enumerate() {
                let next = stretches.get(n + 1).map_or(u64::MAX, |next| next.0);
                if m.stretch(&Stretch { paid_from, from, to }, next, |from, to| to - from) {
                    paid_from = next;
                }
            }
            assert_eq!((m.metered_ns, m.billed_ns, m.periods), want, "{stretches:?}");
        }
    }
}
