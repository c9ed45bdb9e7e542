//! Instance time: how long instances run, and how long they are billed.

use super::{Held, Platform, Revision, Terms, Usage, on_time};
use crate::{
    demand::{ALL, Demand, Metered, Traffic},
    money::Overflow,
    note::Note,
    period::Period,
    platform::{self, held},
    quantity::Micros,
    rollout::{self, Canary},
    workload::Workload,
};

/// Fills in times, requests and what was assumed of them.
pub(super) fn fill(usage: &mut Usage, w: &Workload, period: &Period, terms: &Terms<'_>) -> Result<(), Overflow> {
    let on = on_time(w, period);
    usage.active = match &w.demand {
        Demand::Replicas { count } => {
            let parts = |c: Canary| (rollout::part(*count, c.rest()), rollout::part(*count, c.share));
            by_instance(usage, *count, on, w.canary.map(|c| (c, parts(c))), terms)?
        }
        Demand::Runs(runs) => Held::each(runs.executions()?, "tasks", runs.duration, billable(runs.duration, terms)),
        Demand::Traffic(t) => {
            let concurrency = w.concurrency.unwrap_or(terms.concurrency);
            if terms.platform == Platform::CloudRun {
                return by_request(usage, w, t, period, terms);
            }
            let n = t.always_on(concurrency, on, period)?;
            usage.assumptions.push(platform::always_on_note(t, concurrency, n));
            let part = |share| t.always_on_part(share, concurrency, on, period);
            let split = w.canary.map(|c| Ok((c, (part(c.rest())?, part(c.share)?)))).transpose()?;
            by_instance(usage, n, on, split, terms)?
        }
        Demand::Metered(m) => metered(usage, m, terms)?,
    };
    Ok(())
}

/// Time that was metered. Only request-based billing has an idle rate and a fee for requests.
fn metered(usage: &mut Usage, m: &Metered, terms: &Terms<'_>) -> Result<Held, Overflow> {
    if terms.serving.is_none() {
        return Held::metered(m, &mut usage.assumptions);
    }
    usage.assumptions.push(held::metered_note());
    usage.warm = (m.idle.billed > 0).then(|| Held::of(m.idle));
    usage.requests = (m.requests > 0).then_some(m.requests);
    Ok(Held::of(m.active))
}

/// The life of `count` instances. While a canary runs, so many of them are the stable revision's, and so many its own.
fn by_instance(
    usage: &mut Usage,
    count: u64,
    on: Micros,
    split: Option<(Canary, (u64, u64))>,
    terms: &Terms<'_>,
) -> Result<Held, Overflow> {
    let lives = |n: u64, time: Micros| Held::each(n, "instances", time, billable(time, terms));
    let Some((canary, (stable, its_own))) = split else { return Ok(lives(count, on)) };
    let time = canary.time.min(on);
    usage.canary = Some(Revision { active: lives(its_own, time), warm: None });
    let before = Micros(on.0 - time.0);
    lives(stable.min(count), on).plus(lives(count.saturating_sub(stable), before))
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
    w: &Workload,
    t: &Traffic,
    period: &Period,
    terms: &Terms<'_>,
) -> Result<(), Overflow> {
    let on = on_time(w, period);
    let concurrency = w.concurrency.unwrap_or(terms.concurrency);
    let requests = u64::try_from(t.requests.requests(on, period)?).map_err(|_| Overflow)?;
    let each = (t.duration, t.duration.round_up(terms.increment));
    let fleet = |share| t.mean_part(share, concurrency, on, period);
    let all = busy(requests, each, fleet(ALL)?, on);
    usage.active = match &w.canary {
        None => all,
        Some(canary) => {
            let time = canary.time.min(on);
            let (stable, active) = divided(all, requests, each, on, canary, fleet)?;
            usage.canary = Some(Revision { warm: warm(t.min_instances, time, &active), active });
            stable
        }
    };
    usage.warm = warm(t.min_instances, on, &usage.active);
    usage.requests = Some(requests);
    if requests > 0 {
        usage.assumptions.push(platform::active_note(t, concurrency));
        let says = "an instance is billed while it starts and shuts down too: that is not counted here";
        usage.assumptions.push(Note::plain("cloud-run/startup", says));
    }
    Ok(())
}

/// Instance time with a request in flight: every request alone, as it takes and as it is billed, or a fleet that is busy
/// all the time.
fn busy(requests: u64, (takes, each): (Micros, Micros), fleet: u64, on: Micros) -> Held {
    let alone = Held::each(requests, "requests", takes, each);
    let full = Held::each(fleet, "instances", on, on);
    let ran = alone.ran.min(full.ran);
    if alone.billed <= full.billed { Held { ran, ..alone } } else { Held { ran, ..full } }
}

/// The busy time of the stable revision and of its canary, each bounded by itself, out of what `all` requests take without
/// a canary.
///
/// Requests arrive evenly. Two bounds together may come to less than one of the whole; the canary then has the difference,
/// since dividing the traffic saves no time.
fn divided(
    all: Held,
    requests: u64,
    each: (Micros, Micros),
    on: Micros,
    canary: &Canary,
    fleet: impl Fn((u64, u64)) -> Result<u64, Overflow>,
) -> Result<(Held, Held), Overflow> {
    let time = canary.time.min(on);
    let meanwhile = (time.0, on.0);
    let during = rollout::part(requests, meanwhile);
    let (num, den) = (u128::from(canary.share.0) * u128::from(time.0), u128::from(canary.share.1) * u128::from(on.0));
    let to_canary = u128::from(requests).checked_mul(num).ok_or(Overflow)?.div_ceil(den.max(1));
    let to_canary = u64::try_from(to_canary).map_err(|_| Overflow)?.min(during);
    let before = busy(requests - during, each, fleet(ALL)?, Micros(on.0 - time.0));
    let stable = before.plus(busy(during - to_canary, each, fleet(canary.rest())?, time))?;
    let own = busy(to_canary, each, fleet(canary.share)?, time);
    let left = all.billed.saturating_sub(stable.billed);
    if own.billed >= left {
        return Ok((stable, own));
    }
    let ran = all.ran.saturating_sub(stable.ran).max(own.ran).min(left);
    Ok((stable, Held { ran, billed: left, factors: vec![held::seconds(left)] }))
}

/// Instance time kept warm without a request, if any is.
fn warm(min_instances: u64, on: Micros, active: &Held) -> Option<Held> {
    let kept = u128::from(min_instances) * u128::from(on.0);
    let billed = kept.saturating_sub(active.billed);
    let ran = kept.saturating_sub(active.ran);
    (billed > 0).then(|| Held { ran, billed, factors: vec![held::seconds(billed)] })
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::{
        demand::{Per, RequestRate},
        money::ratio_decimal,
        quantity::{MICROS_PER_HOUR, MICROS_PER_SECOND},
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

    fn count(t: &Traffic) -> u64 {
        u64::try_from(t.requests.requests(month().time, &month()).unwrap()).unwrap()
    }

    fn busy(per_second: u64, ms: u64, concurrency: u64) -> Held {
        let (t, m) = (traffic(per_second, ms), month());
        let fleet = t.mean_part(ALL, concurrency, m.time, &m).unwrap();
        super::busy(count(&t), (t.duration, t.duration.round_up(STEP)), fleet, m.time)
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

    /// Hours of the stable revision and of the canary, with what the time would be without it.
    fn with_canary(per_second: u64, ms: u64, concurrency: u64, percent: u64, hours: u64) -> (Held, Held, Held) {
        let (t, m) = (traffic(per_second, ms), month());
        let each = (t.duration, t.duration.round_up(STEP));
        let fleet = |share| t.mean_part(share, concurrency, m.time, &m);
        let all = busy(per_second, ms, concurrency);
        let canary = Canary { share: (percent, 100), time: Micros(hours * MICROS_PER_HOUR) };
        let (stable, own) = divided(all.clone(), count(&t), each, m.time, &canary, fleet).unwrap();
        (all, stable, own)
    }

    fn hours(held: &Held) -> Decimal {
        ratio_decimal(held.billed, u128::from(MICROS_PER_HOUR))
    }

    #[test]
    fn a_canary_adds_what_two_fleets_are_busy_beyond_one() {
        #[rustfmt::skip]
        let cases = [
            // requests/s, ms, concurrency, percent, hours, stable hours, canary hours
            ( 100,  80, 80, 10,   2, "730",   "2"),   // one busy instance each
            ( 100,  80, 80,  1,   2, "730",   "0.2"), // 1/s for 100 ms each
            (   1,  80, 80, 10,   2, "72.98", "0.02"),
            (1200,  80, 80, 50,   2, "1458",  "2"),   // ⌈96 ÷ 48⌉ and ⌈48 ÷ 48⌉: one of the two moves
            ( 100,  80, 80, 10, 730, "730",   "730"),
            ( 100,  80, 80, 10,   0, "730",   "0"),
            (   0,  80, 80, 10,   2, "0",     "0"),
        ];
        for (rps, ms, concurrency, percent, time, stable, own) in cases {
            let (_, s, c) = with_canary(rps, ms, concurrency, percent, time);
            let got = (hours(&s).normalize().to_string(), hours(&c).normalize().to_string());
            assert_eq!(got, (stable.to_owned(), own.to_owned()), "{percent} % of {rps}/s for {time} h");
        }
    }

    #[test]
    fn a_canary_saves_no_time_and_its_factors_multiply_to_what_is_billed() {
        for rps in [0, 1, 7, 11, 600, 5000] {
            for ms in [1, 80, 100, 250, 4000] {
                for concurrency in [1, 8, 80] {
                    for (percent, time) in [(1, 1), (10, 2), (33, 700), (50, 730), (99, 0)] {
                        let (all, stable, own) = with_canary(rps, ms, concurrency, percent, time);
                        let at = format!("{percent} % of {rps}/s, {ms} ms, {concurrency}, for {time} h");
                        assert!(stable.billed + own.billed >= all.billed, "{at}");
                        assert!(time > 0 || (stable.billed == all.billed && own.billed == 0), "{at}");
                        for held in [stable, own] {
                            assert!(held.ran <= held.billed, "{at}");
                            let seconds = ratio_decimal(held.billed, u128::from(MICROS_PER_SECOND));
                            assert_eq!(product(&held), seconds, "{at}");
                        }
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
