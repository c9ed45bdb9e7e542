//! Hand-sized traces whose every integer is known.

mod common;

use std::sync::Arc;

use wharfage_sim::{Arrivals, Law, Nanos, Outcome, Policy, Routing, Scenario, Service, StartUp, Trace, simulate};

use common::plain;

/// A trace, in microseconds, and what must come out.
struct Case {
    name: &'static str,
    arrivals: &'static [u64],
    warm: u64,
    cold_extra: u64,
    idle_after: u64,
    max: u64,
    min: u64,
    routing: Routing,
    /// requests, cold, rejected, busy, idle, billed, peak
    want: [u64; 7],
    /// sum of latencies
    latency: u64,
}

fn scenario(c: &Case) -> Scenario {
    let arrivals = c.arrivals.iter().map(|us| us * 1000).collect();
    let arrivals = Arrivals::Trace(Arc::new(Trace::new(arrivals, Vec::new(), Vec::new()).unwrap()));
    let service = Service::Law(Law::Constant(Nanos::from_micros(c.warm)));
    let idle_after = Law::Constant(Nanos::from_micros(c.idle_after));
    let policy = Policy::ScaleToZero { idle_after, min_instances: c.min, max_instances: c.max };
    Scenario {
        start_up: StartUp::Before(Law::Constant(Nanos::from_micros(c.cold_extra))),
        routing: c.routing,
        queue: 0,
        max_queue: 10,
        ..plain(arrivals, service, policy)
    }
}

fn run(c: &Case) -> Outcome {
    simulate(&scenario(c), 0).unwrap()
}

const NO_MAX: u64 = u64::MAX;
const SPREAD: &[u64] = &[0, 0, 0, 3_000_000, 6_000_000, 9_000_000, 12_000_000];

#[rustfmt::skip]
const CASES: [Case; 5] = [
    Case { name: "a request a second, slower starts", arrivals: &[0, 1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000, 6_000_000, 7_000_000, 8_000_000, 9_000_000],
           warm: 400_000, cold_extra: 2_000_000, idle_after: 5_000_000, max: NO_MAX, min: 0, routing: Routing::MostRecent,
           want: [10, 3, 0, 10_000_000, 19_200_000, 10_000_000, 3], latency: 10_000_000 },
    Case { name: "completions come before arrivals of the same time", arrivals: &[0, 0, 0, 0, 0, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 10_000_000],
           warm: 300_000, cold_extra: 700_000, idle_after: 8_000_000, max: NO_MAX, min: 0, routing: Routing::MostRecent,
           want: [11, 6, 0, 7_500_000, 48_000_000, 7_500_000, 5], latency: 7_500_000 },
    Case { name: "at most two instances", arrivals: &[0, 100_000, 200_000, 300_000, 5_000_000, 5_050_000, 20_000_000],
           warm: 250_000, cold_extra: 500_000, idle_after: 4_000_000, max: 2, min: 0, routing: Routing::Newest,
           want: [7, 5, 2, 3_750_000, 20_000_000, 4_000_000, 2], latency: 3_750_000 },
    Case { name: "taking turns keeps all warm", arrivals: SPREAD,
           warm: 1_000_000, cold_extra: 1_000_000, idle_after: 6_000_000, max: NO_MAX, min: 0, routing: Routing::LeastRecent,
           want: [7, 3, 0, 10_000_000, 33_000_000, 10_000_000, 3], latency: 10_000_000 },
    Case { name: "the most recent lets the others go", arrivals: SPREAD,
           warm: 1_000_000, cold_extra: 1_000_000, idle_after: 6_000_000, max: NO_MAX, min: 0, routing: Routing::MostRecent,
           want: [7, 3, 0, 10_000_000, 25_000_000, 10_000_000, 3], latency: 10_000_000 },
];

#[test]
fn hand_sized_traces_come_out_exactly() {
    for case in &CASES {
        let o = run(case);
        let us = |ns: u128| u64::try_from(ns).unwrap() / 1000;
        let busy = us(o.ledger.starting_ns + o.ledger.busy_ns);
        let got = [o.requests, o.cold_starts, o.rejected, busy, us(o.ledger.idle_ns), us(o.billed_ns), o.peak_busy];
        assert_eq!(got, case.want, "{}", case.name);
        assert_eq!(us(o.latency.sum_ns), case.latency, "{}", case.name);
        assert_eq!(o.served + o.rejected, o.requests, "{}", case.name);
        assert!(o.ledger.balances(), "{}: {:?}", case.name, o.ledger);
    }
}

#[test]
fn kept_instances_are_held_until_the_trace_ends() {
    // Two are kept: one idle from 2 s, the other used again at 100 s, the trace ends 6 s after its last idle.
    let case = Case { name: "", arrivals: &[0, 0, 100_000_000], min: 2, want: [0; 7], latency: 0, ..CASES[4] };
    let o = run(&case);
    assert_eq!((o.requests, o.cold_starts), (3, 2));
    assert_eq!(o.end, Nanos::from_secs(107));
    assert_eq!(o.ledger.held_ns, 2 * 107_000_000_000);
    assert_eq!(o.ledger.idle_ns, (2 * 107 - 4 - 1) * 1_000_000_000);
}

#[test]
fn instances_are_counted_until_the_last_one_goes() {
    // Three requests of 1 s at once, then nothing: all three are held for 6 s.
    let case = Case { name: "", arrivals: &[0, 0, 0], want: [0; 7], latency: 0, ..CASES[4] };
    let o = simulate(&Scenario { sample_every: Some(Nanos::from_secs(2)), ..scenario(&case) }, 0).unwrap();
    let counts: Vec<_> = o.series.iter().map(|n| (n.at.0 / 1_000_000_000, n.running, n.idle)).collect();
    assert_eq!((o.end, counts), (Nanos::from_secs(8), vec![(0, 3, 0), (2, 0, 3), (4, 0, 3), (6, 0, 3), (8, 0, 3)]));
}
