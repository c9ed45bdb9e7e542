//! Instance time: how long instances run, and how long they are billed.

use super::{Platform, Terms, Usage, on_time};
use crate::{
    demand::{Demand, Traffic},
    estimate::Factor,
    money::{Overflow, ratio_decimal},
    note::Note,
    period::Period,
    platform,
    quantity::{MICROS_PER_SECOND, Micros},
    workload::Workload,
};

/// Instance time in microseconds, summed over instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// as it ran
    pub ran: u128,
    /// after increments and minimums
    pub billed: u128,
    /// numbers whose product is the billed time in seconds, seconds last
    pub factors: Vec<Factor>,
}

impl Held {
    /// No time at all.
    pub(super) const NONE: Self = Self { ran: 0, billed: 0, factors: Vec::new() };

    /// `count` things that each ran and are billed for a time.
    fn each(count: u64, what: &'static str, ran: Micros, billed: Micros) -> Self {
        let total = |t: Micros| u128::from(count) * u128::from(t.0);
        let factors = vec![Factor::new(count, what), Factor::new(billed.as_secs(), "s")];
        Self { ran: total(ran), billed: total(billed), factors }
    }

    /// The factors with `size` before the seconds.
    pub(super) fn factors_with(&self, size: Factor) -> Vec<Factor> {
        let mut all = self.factors.clone();
        all.insert(all.len().saturating_sub(1), size);
        all
    }
}

/// Fills in times, requests and what was assumed of them.
pub(super) fn fill(usage: &mut Usage, w: &Workload, period: &Period, terms: &Terms<'_>) -> Result<(), Overflow> {
    let on = on_time(w, period);
    usage.active = match &w.demand {
        Demand::Replicas { count } => Held::each(*count, "instances", on, billable(on, terms)),
        Demand::Runs(runs) => Held::each(runs.executions()?, "tasks", runs.duration, billable(runs.duration, terms)),
        Demand::Traffic(t) => {
            let concurrency = w.concurrency.unwrap_or(terms.concurrency);
            if terms.platform == Platform::CloudRun {
                return by_request(usage, t, concurrency, on, period, terms.increment);
            }
            let n = t.always_on(concurrency, on, period)?;
            usage.assumptions.push(platform::always_on_note(t, concurrency, n));
            Held::each(n, "instances", on, billable(on, terms))
        }
    };
    Ok(())
}

/// The time an instance or task is billed for. One that never started is not billed.
fn billable(ran: Micros, terms: &Terms<'_>) -> Micros {
    rounded(ran, terms.increment, terms.minimum)
}

fn rounded(ran: Micros, increment: Micros, minimum: Micros) -> Micros {
    if ran.0 == 0 { ran } else { ran.round_up(increment).max(minimum) }
}

fn by_request(
    usage: &mut Usage,
    t: &Traffic,
    concurrency: u64,
    on: Micros,
    period: &Period,
    increment: Micros,
) -> Result<(), Overflow> {
    let requests = u64::try_from(t.requests.requests(on, period)?).map_err(|_| Overflow)?;
    usage.active = active(t, requests, concurrency, on, period, increment)?;
    usage.warm = warm(t.min_instances, on, &usage.active);
    usage.requests = Some(requests);
    if requests > 0 {
        usage.assumptions.push(platform::active_note(t, concurrency));
        let says = "an instance is billed while it starts and shuts down too: that is not counted here";
        usage.assumptions.push(Note::plain("cloud-run/startup", says));
    }
    Ok(())
}

/// Instance time with a request in flight: every request alone, or a fleet that is busy all the time.
fn active(
    t: &Traffic,
    requests: u64,
    concurrency: u64,
    on: Micros,
    period: &Period,
    increment: Micros,
) -> Result<Held, Overflow> {
    let each = t.duration.round_up(increment);
    let ran = t.active(t.duration, concurrency, on, period)?;
    let billed = t.active(each, concurrency, on, period)?;
    let alone = Held::each(requests, "requests", t.duration, each);
    if alone.billed == billed {
        return Ok(Held { ran, ..alone });
    }
    let fleet = u64::try_from(billed / u128::from(on.0.max(1))).map_err(|_| Overflow)?;
    Ok(Held { ran, ..Held::each(fleet, "instances", on, on) })
}

/// Instance time kept warm without a request, if any is.
fn warm(min_instances: u64, on: Micros, active: &Held) -> Option<Held> {
    let kept = u128::from(min_instances) * u128::from(on.0);
    let billed = kept.saturating_sub(active.billed);
    let ran = kept.saturating_sub(active.ran);
    let seconds = Factor::new(ratio_decimal(billed, u128::from(MICROS_PER_SECOND)), "s");
    (billed > 0).then(|| Held { ran, billed, factors: vec![seconds] })
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::{
        demand::{Per, RequestRate},
        quantity::MICROS_PER_HOUR,
    };

    const STEP: Micros = Micros(100_000);

    fn month() -> Period {
        let time = Micros(730 * MICROS_PER_HOUR);
        Period { label: "730h".into(), time, month_hours: 730, whole_month_hours: (672, 744) }
    }

    fn traffic(per_second: u64, ms: u64) -> Traffic {
        let micro_requests = u128::from(per_second) * 1_000_000;
        Traffic {
            requests: RequestRate { micro_requests, per: Per::Time(Micros(MICROS_PER_SECOND)) },
            peak: None,
            duration: Micros(ms * 1000),
            min_instances: 0,
            target: (6, 10),
        }
    }

    fn busy(per_second: u64, ms: u64, concurrency: u64) -> Held {
        let (t, m) = (traffic(per_second, ms), month());
        let requests = u64::try_from(t.requests.requests(m.time, &m).unwrap()).unwrap();
        active(&t, requests, concurrency, m.time, &m, STEP).unwrap()
    }

    fn product(held: &Held) -> Decimal {
        held.factors.iter().map(|f| f.value).product()
    }

    #[test]
    fn billed_time_rounds_up_then_applies_the_minimum() {
        #[rustfmt::skip]
        let cases = [
            // ran ms, minimum s, billed ms, why
            (      0, 60,      0, "never started"),
            (      1, 60, 60_000, "one millisecond costs the minimum"),
            ( 60_001, 60, 60_100, "past the minimum, increments round up"),
            (      1,  0,    100, "no minimum"),
            (    200,  0,    200, "whole increments stay"),
        ];
        for (ran, minimum, billed, why) in cases {
            let got = rounded(Micros(ran * 1000), STEP, Micros(minimum * MICROS_PER_SECOND));
            assert_eq!(got, Micros(billed * 1000), "{why} ({ran} ms)");
        }
    }

    #[test]
    fn busy_time_is_each_request_rounded_up_until_the_fleet_is_full() {
        let second = u128::from(MICROS_PER_SECOND);
        #[rustfmt::skip]
        let cases = [
            // requests/s, ms, concurrency, billed ms per second, first factor
            (   1,   80,  80,    100, "requests"),
            (   1,  100,  80,    100, "requests"),
            (   1,  101,  80,    200, "requests"),
            ( 100,   80,  80,  1_000, "instances"),
            ( 100,   80,   1, 10_000, "requests"), // 14 instances could be busy, ten are
            ( 100,   50,   1,  9_000, "instances"), // ⌈5 ÷ 0.6⌉, and every request alone would be 10
        ];
        for (rps, ms, concurrency, per_second, what) in cases {
            let held = busy(rps, ms, concurrency);
            let seconds = u128::from(month().time.0) / second;
            assert_eq!(held.billed, seconds * per_second * 1000, "{rps}/s, {ms} ms, {concurrency}");
            assert_eq!(held.factors[0].what, what, "{rps}/s, {ms} ms, {concurrency}");
        }
    }

    #[test]
    fn factors_multiply_to_the_billed_seconds_and_nothing_is_billed_under_what_ran() {
        for rps in [0, 1, 7, 11, 600, 5000] {
            for ms in [1, 80, 100, 250, 4000] {
                for concurrency in [1, 8, 80, 1000] {
                    let held = busy(rps, ms, concurrency);
                    let warm = warm(3, month().time, &held);
                    assert!(held.ran <= held.billed);
                    for held in [Some(held), warm].into_iter().flatten() {
                        let seconds = ratio_decimal(held.billed, u128::from(MICROS_PER_SECOND));
                        assert_eq!(product(&held), seconds, "{rps}/s, {ms} ms, {concurrency}");
                    }
                }
            }
        }
    }

    #[test]
    fn warm_time_is_what_busy_time_leaves_of_it() {
        let on = Micros(MICROS_PER_HOUR);
        let hours = |n: u64| Held::each(n, "instances", on, on);
        assert_eq!(warm(0, on, &Held::NONE), None);
        assert_eq!(warm(2, on, &hours(2)), None);
        assert_eq!(warm(2, on, &hours(5)), None);
        assert_eq!(warm(2, on, &hours(1)).map(|h| h.billed), Some(u128::from(MICROS_PER_HOUR)));
        // More instances than 64 bits of microseconds hold.
        assert_eq!(warm(u64::MAX, on, &Held::NONE).map(|h| h.billed), Some(u128::from(u64::MAX) * u128::from(on.0)));
    }
}
