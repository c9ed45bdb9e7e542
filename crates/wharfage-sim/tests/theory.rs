//! The simulator against an independent simulator, and where theory says what no table of `validation` does.
//!
//! Each comparison runs several replications: the mean must lie within 2.5 half-widths of a 95 % interval, and the interval must
//! be narrow.

mod common;

use wharfage_sim::{
    Arrivals, Cpu, Law, Nanos, Policy, Rate, Routing, Scenario, Service, StartUp, Study, UNBOUNDED, Watch, replicate,
};

use common::plain;

fn seconds(s: f64) -> Nanos {
    Nanos((s * 1e9).round() as u64)
}

fn poisson(per_second: f64) -> Arrivals {
    Arrivals::Poisson(Rate::micro((per_second * 1e6).round() as u128, Nanos::from_secs(1)))
}

fn exponential(mean: f64) -> Law {
    Law::Exponential(seconds(mean))
}

/// Servers that are there all the time, with a queue.
fn servers(arrivals: Arrivals, service: Law, replicas: u64, queue: u64, horizon: f64) -> Scenario {
    Scenario {
        queue,
        horizon: Some(seconds(horizon)),
        warm_up: seconds(horizon / 20.0),
        seed: 11,
        ..plain(arrivals, Service::Law(service), Policy::AlwaysOn { replicas })
    }
}

/// A name, what theory says, what came out, the half-width, and how wide that may be relative to it.
type Compared<'n> = (&'n str, f64, f64, f64, f64);

#[track_caller]
fn compare(what: &str, all: &[Compared<'_>]) {
    for (name, want, got, half_width, widest) in all {
        assert!((got - want).abs() <= 2.5 * half_width, "{what} {name}: {got} ± {half_width} is not {want}");
        assert!(*half_width <= widest * want, "{what} {name}: ± {half_width} of {want} says too little");
    }
}

/// Mean instances that run, and that idle.
fn means(study: &Study) -> (f64, f64) {
    let o = &study.all;
    let mean = |ns: u128| ns as f64 / o.span_ns as f64;
    (mean(o.ledger.starting_ns + o.ledger.busy_ns), mean(o.ledger.idle_ns))
}

#[test]
fn processors_without_contention_take_no_longer() {
    let mut s = servers(poisson(2.0), exponential(0.5), 1, UNBOUNDED, 10_000.0);
    s.concurrency = 1_000;
    let alone = replicate(&s, 2, 2, &Watch::new()).unwrap();
    s.cpu = Some(Cpu { time: Some(Law::Constant(seconds(0.1))), milli_vcpus: 1_000_000 });
    let roomy = replicate(&s, 2, 2, &Watch::new()).unwrap();
    assert_eq!(alone.all.latency.sum_ns, roomy.all.latency.sum_ns);
    assert_eq!(alone.all.ledger, roomy.all.ledger);
    s.cpu = Some(Cpu { time: Some(Law::Constant(seconds(0.1))), milli_vcpus: 500 });
    let tight = replicate(&s, 2, 2, &Watch::new()).unwrap();
    assert!(tight.all.latency.sum_ns > roomy.all.latency.sum_ns);
    assert!(tight.all.ledger.balances());
}

/// Poisson arrivals, exponential service, an idle limit and a maximum.
fn scaled(per_second: f64, warm: f64, cold: f64, idle: f64, max: u64, horizon: f64) -> Scenario {
    let mut s = servers(poisson(per_second), exponential(warm), 1, 0, horizon);
    s.start_up = StartUp::Within(exponential(cold));
    s.policy = Policy::ScaleToZero { idle_after: Law::Constant(seconds(idle)), min_instances: 0, max_instances: max };
    s
}

#[test]
fn instances_that_are_held_for_times_of_their_own_are_cold_as_often_as_those_say() {
    // One instance, and rejection while it is busy: the next request is cold if it comes after the time that was drawn, with
    // probability E[e^(-rate × time)]; the instance idles for the shorter of the gap and that time.
    let (rate, warm, cold) = (0.5_f64, 0.4, 1.2);
    for (law, transform) in [
        (Law::Uniform { from: Nanos(0), to: seconds(8.0) }, (1.0 - (-rate * 8.0).exp()) / (rate * 8.0)),
        (exponential(3.0), 1.0 / (1.0 + rate * 3.0)),
    ] {
        let mut s = scaled(rate, warm, cold, 0.0, 1, 200_000.0);
        s.policy = Policy::ScaleToZero { idle_after: law, min_instances: 0, max_instances: 1 };
        let study = replicate(&s, 8, 2, &Watch::new()).unwrap();
        let (ci, o) = (study.ci95.as_ref().unwrap(), &study.all);
        // Of a cycle: from one served request's arrival to the next one's.
        let (service, gap) = (transform * cold + (1.0 - transform) * warm, 1.0 / rate);
        let idle = (1.0 - transform) / rate;
        let cycle = service + gap;
        compare(
            "own times",
            &[
                ("cold", transform / (rate * cycle), o.cold_starts as f64 / o.requests as f64, ci.cold_starts, 0.02),
                ("running", service / cycle, means(&study).0, ci.running, 0.02),
                ("idle", idle / cycle, means(&study).1, ci.idle, 0.02),
            ],
        );
    }
}

/// SimFaaS's seven parameter sets: rate, warm, cold, idle limit, horizon in seconds, most instances; and of an independent
/// simulation under newest-first and most-recent routing: cold, rejected, running, idle with their standard errors.
type Case = (&'static str, [f64; 5], u64, [[(f64, f64); 4]; 2]);

#[rustfmt::skip]
const SIMFAAS: [Case; 7] = [
    ("S1", [0.9, 1.991, 2.244, 600.0, 1e6], 1000, [
        [(0.00134329, 4.14e-6), (0.0, 0.0), (1.79212196, 3.18e-4), (5.90831935, 2.38e-3)],
        [(0.001347314, 4.12e-6), (0.0, 0.0), (1.79212281, 3.18e-4), (5.90643713, 2.38e-3)]]),
    ("S2", [0.1, 2.0, 5.0, 600.0, 5e5], 1000, [
        [(0.007291497, 7.03e-6), (0.0, 0.0), (0.202246317, 3.55e-5), (2.45818956, 5.69e-4)],
        [(0.007303444, 7.06e-6), (0.0, 0.0), (0.202249875, 3.55e-5), (2.45737671, 5.68e-4)]]),
    ("S3", [1.0, 1.0, 1.0, 10.0, 1e5], 1000, [
        [(0.074030776, 2.71e-5), (0.0, 0.0), (1.00000572, 1.74e-4), (2.31119622, 3.02e-4)],
        [(0.077396655, 2.77e-5), (0.0, 0.0), (1.00000572, 1.74e-4), (2.27817646, 2.96e-4)]]),
    ("S4", [5.0, 1.0, 1.0, 5.0, 1e4], 8, [
        [(0.018911175, 1.88e-5), (0.070030235, 5.82e-5), (4.64810343, 7.05e-4), (3.05997497, 4.81e-4)],
        [(0.02266594, 2.03e-5), (0.070030235, 5.82e-5), (4.64810343, 7.05e-4), (3.01556225, 4.64e-4)]]),
    ("S5", [20.0, 0.2, 1.2, 60.0, 4e3], 1000, [
        [(0.000993124, 3.53e-6), (0.0, 0.0), (4.02017295, 7.13e-4), (8.41528161, 5.35e-3)],
        [(0.000995856, 3.54e-6), (0.0, 0.0), (4.02022694, 7.13e-4), (8.4125666, 5.34e-3)]]),
    ("S6", [0.005, 1.5, 4.0, 300.0, 1e7], 1000, [
        [(0.230820388, 5.38e-5), (0.0, 0.0), (0.010387757, 1.72e-6), (0.784096681, 5.86e-5)],
        [(0.230820804, 5.38e-5), (0.0, 0.0), (0.010387762, 1.72e-6), (0.784055064, 5.86e-5)]]),
    // Hyperexponential gaps (cv² = 4) and lognormal service (cv 1.5).
    ("S7", [2.0, 0.8, 2.0, 30.0, 3e4], 1000, [
        [(0.018908437, 1.71e-5), (0.0, 0.0), (1.64580974, 5.48e-4), (5.0501997, 1.1e-3)],
        [(0.019392242, 1.75e-5), (0.0, 0.0), (1.64696591, 5.49e-4), (5.03064089, 1.09e-3)]]),
];

fn compare_with_simfaas(replications: u64) {
    for (name, [rate, warm, cold, idle, horizon], max, by_routing) in SIMFAAS {
        for (routing, want) in [Routing::Newest, Routing::MostRecent].into_iter().zip(by_routing) {
            let mut s = scaled(rate, warm, cold, idle, max, horizon);
            (s.routing, s.warm_up) = (routing, Nanos(0));
            if name == "S7" {
                s.arrivals = Arrivals::Renewal(Law::Hyperexponential { mean: seconds(1.0 / rate), cv: 2.0 });
                s.service = Service::Law(Law::lognormal(seconds(warm), 1.5));
                s.start_up = StartUp::Within(Law::lognormal(seconds(cold), 1.5));
            }
            let study = replicate(&s, replications, 2, &Watch::new()).unwrap();
            let (ci, o) = (study.ci95.as_ref().unwrap(), &study.all);
            let (running, idle) = means(&study);
            let per_request = |n: u64| n as f64 / o.requests as f64;
            let got = [
                (per_request(o.cold_starts), ci.cold_starts),
                (per_request(o.rejected), ci.rejected),
                (running, ci.running),
                (idle, ci.idle),
            ];
            for (n, ((got, half_width), (want, error))) in got.into_iter().zip(want).enumerate() {
                // The reference has an error of its own.
                let apart = (got - want).abs();
                let error = (half_width.powi(2) + (2.0 * error).powi(2)).sqrt();
                assert!(apart <= 2.5 * error, "{name} {routing:?} {n}: {got} ± {half_width} is not {want}");
            }
        }
    }
}

#[test]
fn an_independent_simulator_agrees_from_an_empty_start() {
    compare_with_simfaas(6);
}

#[test]
#[ignore = "takes a minute"]
fn an_independent_simulator_agrees_over_many_replications() {
    compare_with_simfaas(60);
}
