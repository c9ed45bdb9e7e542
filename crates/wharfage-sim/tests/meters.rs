//! Meters, worked out by hand.
//!
//! One day's traffic in seconds: requests at 0, 1, 2 and 100, each served for 2 s; instances serve two at once, start for 3 s and
//! are held for 10 s.
//!
//! ```text
//! instance A: starts 0–3 (the requests of 0 and 1 await it), serves 3–5, is idle 5–15
//! instance B: starts 2–5 (the request of 2 finds A full), serves 5–7, is idle 7–17
//! instance C: starts 100–103, serves 103–105, is idle 105–115
//! ```

mod common;

use std::sync::Arc;

use wharfage_sim::{Arrivals, Law, Meter, Nanos, Outcome, Policy, Scenario, Service, StartUp, Trace, simulate};

use common::plain;

const SECOND: u64 = 1_000_000_000;

fn secs(s: u64) -> Nanos {
    Nanos::from_secs(s)
}

fn scenario() -> Scenario {
    let arrivals = [0, 1, 2, 100].map(|s| s * SECOND).to_vec();
    let arrivals = Arrivals::Trace(Arc::new(Trace::new(arrivals, Vec::new(), Vec::new()).unwrap()));
    let idle_after = Law::Constant(secs(10));
    let policy = Policy::ScaleToZero { idle_after, min_instances: 0, max_instances: u64::MAX };
    Scenario {
        start_up: StartUp::Before(Law::Constant(secs(3))),
        concurrency: 2,
        queue: 0,
        max_queue: 10,
        meter: Meter::Requests { quantum: Nanos(1) },
        ..plain(arrivals, Service::Law(Law::Constant(secs(2))), policy)
    }
}

/// What is metered and billed, in milliseconds, and how many periods; and the time that a minimum keeps instances warm.
fn metered(s: &Scenario) -> [u128; 4] {
    let o: Outcome = simulate(s, 0).unwrap();
    assert!(o.ledger.balances(), "{:?}", o.ledger);
    [o.metered_ns / 1_000_000, o.billed_ns / 1_000_000, o.billed_periods.into(), o.warm_ns / 1_000_000]
}

#[test]
fn each_meter_counts_what_it_says() {
    let ms = |n: u64| Nanos::from_micros(n * 1_000);
    for (meter, want) in [
        // Three requests that start an instance are billed 3 s + 2 s, the one that awaits A's start 2 s.
        (Meter::Requests { quantum: ms(100) }, [17_000, 17_000, 4, 0]),
        // In whole multiples of 1.5 s: 3 × 6 s and 3 s.
        (Meter::Requests { quantum: ms(1_500) }, [17_000, 21_000, 4, 0]),
        // A 0–5, B 2–7, C 100–105.
        (Meter::Active { increment: ms(100), minimum: ms(0) }, [15_000, 15_000, 3, 0]),
        (Meter::Active { increment: ms(3_000), minimum: ms(0) }, [15_000, 18_000, 3, 0]),
        (Meter::Active { increment: ms(1_000), minimum: ms(60_000) }, [15_000, 180_000, 3, 0]),
        // A 0–15, B 2–17, C 100–115.
        (Meter::Life { increment: ms(1_000), minimum: ms(0) }, [45_000, 45_000, 3, 0]),
        (Meter::Life { increment: ms(2_000), minimum: ms(16_000) }, [45_000, 48_000, 3, 0]),
        (Meter::Life { increment: ms(1_000), minimum: ms(60_000) }, [45_000, 180_000, 3, 0]),
        // There are no nodes.
        (Meter::Nodes { increment: ms(1_000), minimum: ms(60_000) }, [0, 0, 0, 0]),
    ] {
        assert_eq!(metered(&Scenario { meter, ..scenario() }), want, "{meter:?}");
    }
}

#[test]
fn a_second_request_without_a_break_lengthens_a_stretch_and_one_after_a_break_makes_another() {
    let arrivals = |ms: &[u64]| {
        let arrivals = ms.iter().map(|ms| ms * 1_000_000).collect();
        Arrivals::Trace(Arc::new(Trace::new(arrivals, Vec::new(), Vec::new()).unwrap()))
    };
    let meter = Meter::Active { increment: secs(1), minimum: Nanos(0) };
    for (at, want) in [
        // 0–5 and, overlapping, 4–6: the request of 4.0 s finds room.
        (&[0, 4_000][..], [6_000, 6_000, 1, 0]),
        // 0–5 and 5–7 touch.
        (&[0, 5_000], [7_000, 7_000, 1, 0]),
        // 0–5 and 5.4–7.4: each is rounded up.
        (&[0, 5_400], [7_000, 7_000, 2, 0]),
        (&[0, 5_400, 7_400], [9_000, 9_000, 2, 0]),
        (&[0, 5_400, 7_500], [9_000, 9_000, 3, 0]),
    ] {
        assert_eq!(metered(&Scenario { arrivals: arrivals(at), meter, ..scenario() }), want, "{at:?}");
    }
    // The start of an instance that is up before anybody needs it is a stretch of its own: 0.5 s of service, twice.
    let quick = Scenario { service: Service::Law(Law::Constant(Nanos(SECOND / 2))), meter, ..scenario() };
    assert_eq!(metered(&Scenario { arrivals: arrivals(&[0, 4_000]), ..quick.clone() }), [4_000, 5_000, 2, 0]);
    // One that is up when the run begins has not started in it.
    assert_eq!(metered(&Scenario { arrivals: arrivals(&[0, 4_000]), pre_started: 1, ..quick }), [1_000, 2_000, 2, 0]);
}

#[test]
fn only_what_lies_between_the_warm_up_and_the_horizon_counts() {
    let cut = Scenario { warm_up: secs(4), horizon: Some(secs(104)), ..scenario() };
    for (meter, want) in [
        // Of requests those that arrive in it, with all their service: the last.
        (Meter::Requests { quantum: secs(1) }, [5_000, 5_000, 1, 0]),
        // 4–5, 4–7, 100–104.
        (Meter::Active { increment: secs(1), minimum: secs(2) }, [8_000, 9_000, 3, 0]),
        // 4–15, 4–17, 100–104.
        (Meter::Life { increment: secs(10), minimum: Nanos(0) }, [28_000, 50_000, 3, 0]),
    ] {
        assert_eq!(metered(&Scenario { meter, ..cut.clone() }), want, "{meter:?}");
    }
}

#[test]
fn a_minimum_keeps_warm_what_is_above_those_that_run() {
    // Cloud Run's arithmetic: of ten kept ones, six active leave four idle.
    let (meter, horizon) = (Meter::Active { increment: secs(1), minimum: Nanos(0) }, Some(secs(200)));
    let policy = Policy::ScaleToZero { idle_after: Law::Constant(secs(10)), min_instances: 2, max_instances: u64::MAX };
    let kept = Scenario { policy, pre_started: 2, meter, horizon, ..scenario() };
    // Two are there. One serves 0–2, 1–3 and, when the first request is done, 2–4; and 100–102: 6 s of 400.
    assert_eq!(metered(&kept), [6_000, 6_000, 2, 394_000]);
    // Nothing is kept warm before it is there. A 0–5, B 2–7 and 100–102: none is warm until 5 s, one until 7 s, then two until
    // 200 s, but for 2 s of one.
    assert_eq!(metered(&Scenario { pre_started: 0, ..kept }), [12_000, 12_000, 3, 2_000 + 386_000 - 2_000]);
}
