//! The simulator against queueing theory and against an independent simulator.
//!
//! Each comparison runs several replications: the mean must lie within 2.5 half-widths of a 95 % interval (some five
//! standard errors, so that a correct simulator fails about once in a million), and the interval must be narrow.

use wharfage_sim::{
    Arrivals, Cpu, Law, Meter, Nanos, Policy, Rate, Routing, Scenario, Service, StartUp, Study, UNBOUNDED,
    queueing::{GiM1, Mg1, MgInf, Mmc, Mmck, MmppM1, erlang_b},
    replicate,
};

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
        arrivals,
        service: Service::Law(service),
        cpu: None,
        start_up: StartUp::Before(Law::Constant(Nanos(0))),
        policy: Policy::AlwaysOn { replicas },
        concurrency: 1,
        routing: Routing::MostRecent,
        queue,
        max_queue: 10_000_000,
        horizon: Some(seconds(horizon)),
        warm_up: seconds(horizon / 20.0),
        meter: Meter::Requests { quantum: Nanos::from_micros(100_000) },
        pre_started: 0,
        nodes: None,
        sample_every: None,
        seed: 11,
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

fn means(study: &Study) -> (f64, f64, f64) {
    let o = &study.all;
    let mean = |ns: u128| ns as f64 / o.span_ns as f64;
    (mean(o.ledger.starting_ns + o.ledger.busy_ns), mean(o.ledger.idle_ns), mean(o.ledger.held_ns))
}

fn wait(study: &Study) -> (f64, f64) {
    let ci = study.ci95.as_ref().unwrap();
    (study.all.wait.mean_ns() / 1e9, ci.wait_ns[0] / 1e9)
}

fn sojourn(study: &Study) -> (f64, f64) {
    let ci = study.ci95.as_ref().unwrap();
    (study.all.latency.mean_ns() / 1e9, ci.latency_ns[0] / 1e9)
}

#[test]
fn losses_queues_and_bounded_queues_are_those_of_erlang() {
    let study = replicate(&servers(poisson(5.0), Law::lognormal(seconds(1.0), 1.5), 8, 0, 100_000.0), 8, 2).unwrap();
    let ci = study.ci95.as_ref().unwrap();
    let lost = study.all.rejected as f64 / study.all.requests as f64;
    let b = erlang_b(5.0, 8);
    compare(
        "M/G/8/8",
        &[("lost", b, lost, ci.rejected, 0.02), ("busy", 5.0 * (1.0 - b), means(&study).0, ci.running, 0.01)],
    );

    let study = replicate(&servers(poisson(8.0), exponential(1.0), 10, UNBOUNDED, 50_000.0), 8, 2).unwrap();
    let (q, ci) = (Mmc::new(8.0, 1.0, 10).unwrap(), study.ci95.as_ref().unwrap());
    let (got, half) = wait(&study);
    let p99 = study.all.latency.quantile(990).as_f64() / 1e9;
    compare(
        "M/M/10",
        &[
            ("wait", q.wait_mean(), got, half, 0.06),
            ("p99", q.sojourn_quantile(0.99), p99, ci.latency_ns[3] / 1e9, 0.02),
        ],
    );

    let study = replicate(&servers(poisson(8.0), exponential(1.0), 10, 5, 50_000.0), 8, 2).unwrap();
    let q = Mmck::new(8.0, 1.0, 10, 15).unwrap();
    let ((got, half), lost) = (wait(&study), study.all.rejected as f64 / study.all.requests as f64);
    let ci = study.ci95.as_ref().unwrap();
    compare("M/M/10/15", &[("wait", q.wait_mean(), got, half, 0.03), ("lost", q.p_block(), lost, ci.rejected, 0.03)]);
}

#[test]
fn one_server_waits_as_its_laws_and_arrivals_vary() {
    for (law, scv) in [
        (Law::Constant(seconds(1.0)), 0.0),
        (Law::lognormal(seconds(1.0), 1.5), 2.25),
        (Law::Uniform { from: Nanos(0), to: seconds(2.0) }, 1.0 / 3.0),
    ] {
        let study = replicate(&servers(poisson(0.5), law, 1, UNBOUNDED, 400_000.0), 8, 2).unwrap();
        let (got, half) = wait(&study);
        compare("M/G/1", &[("wait", Mg1::new(0.5, 1.0, scv).unwrap().wait_mean(), got, half, 0.04)]);
    }
    for gaps in [
        Law::Constant(seconds(1.25)),
        Law::Gamma { mean: seconds(1.25), cv: (1.0_f64 / 3.0).sqrt() },
        Law::Hyperexponential { mean: seconds(1.25), cv: 2.0 },
    ] {
        let study =
            replicate(&servers(Arrivals::Renewal(gaps.clone()), exponential(1.0), 1, UNBOUNDED, 1e6), 8, 2).unwrap();
        let (got, half) = sojourn(&study);
        compare("GI/M/1", &[("sojourn", GiM1::new(&gaps, 1.0).unwrap().sojourn_mean(), got, half, 0.05)]);
    }
    let per_second = |n: u64| Rate::new(n, Nanos::from_secs(1));
    let bursts = Arrivals::Mmpp { rates: [per_second(10), per_second(40)], stays: [seconds(60.0), seconds(5.0)] };
    let study = replicate(&servers(bursts, exponential(0.03), 1, UNBOUNDED, 200_000.0), 8, 2).unwrap();
    let (got, half) = sojourn(&study);
    let q = MmppM1::new([10.0, 40.0], [60.0, 5.0], 0.03).unwrap();
    compare("MMPP/M/1", &[("sojourn", q.sojourn_mean(), got, half, 0.1)]);
}

#[test]
fn a_shared_processor_makes_all_laws_of_one_mean_alike() {
    for law in [exponential(1.0), Law::Constant(seconds(1.0)), Law::lognormal(seconds(1.0), 2.0)] {
        let mut s = servers(poisson(0.6), law, 1, UNBOUNDED, 400_000.0);
        (s.concurrency, s.cpu) = (1_000_000, Some(Cpu { time: None, milli_vcpus: 1_000 }));
        let study = replicate(&s, 8, 2).unwrap();
        let (got, half) = sojourn(&study);
        let q = Mg1::new(0.6, 1.0, 1.0).unwrap();
        compare("M/G/1-PS", &[("sojourn", q.shared_sojourn_mean(), got, half, 0.04)]);
        assert_eq!(study.all.wait.max_ns, 0);
    }
}

#[test]
fn processors_without_contention_take_no_longer() {
    let mut s = servers(poisson(2.0), exponential(0.5), 1, UNBOUNDED, 10_000.0);
    s.concurrency = 1_000;
    let alone = replicate(&s, 2, 2).unwrap();
    s.cpu = Some(Cpu { time: Some(Law::Constant(seconds(0.1))), milli_vcpus: 1_000_000 });
    let roomy = replicate(&s, 2, 2).unwrap();
    assert_eq!(alone.all.latency.sum_ns, roomy.all.latency.sum_ns);
    assert_eq!(alone.all.ledger, roomy.all.ledger);
    s.cpu = Some(Cpu { time: Some(Law::Constant(seconds(0.1))), milli_vcpus: 500 });
    let tight = replicate(&s, 2, 2).unwrap();
    assert!(tight.all.latency.sum_ns > roomy.all.latency.sum_ns);
    assert!(tight.all.ledger.balances());
}

#[test]
fn an_instance_that_never_fills_is_active_as_long_as_theory_says() {
    let mut s = servers(poisson(0.9), Law::lognormal(seconds(1.991), 1.0), 1, UNBOUNDED, 400_000.0);
    s.concurrency = 1_000_000;
    let study = replicate(&s, 8, 2).unwrap();
    let (q, ci) = (MgInf::new(0.9, 1.991).unwrap(), study.ci95.as_ref().unwrap());
    compare("M/G/inf", &[("active", q.active_fraction(), means(&study).0, ci.running, 0.01)]);
    let period = study.all.ledger.busy_ns as f64 / 1e9 / study.all.ledger.busy_periods as f64;
    assert!((period / q.busy_period_mean() - 1.0).abs() < 0.015, "{period}");
}

/// Poisson arrivals, exponential service, an idle limit and a maximum.
fn scaled(per_second: f64, warm: f64, cold: f64, idle: f64, max: u64, horizon: f64) -> Scenario {
    let mut s = servers(poisson(per_second), exponential(warm), 1, 0, horizon);
    s.start_up = StartUp::Within(exponential(cold));
    s.policy = Policy::ScaleToZero { idle_after: Law::Constant(seconds(idle)), min_instances: 0, max_instances: max };
    s
}

#[test]
fn one_instance_with_an_idle_limit_is_a_renewal_process() {
    for (rate, warm, cold, idle, p_cold, p_reject, idle_mean) in [
        (0.1, 2.0, 5.0, 10.0, 0.280746028002991, 0.236853173667414, 0.482400798329594),
        (3.0, 0.2, 1.0, 1.0, 0.0289545727875136, 0.41843185918127, 0.552613568031216),
    ] {
        let study = replicate(&scaled(rate, warm, cold, idle, 1, 200_000.0 / rate), 8, 2).unwrap();
        let (ci, o) = (study.ci95.as_ref().unwrap(), &study.all);
        let per_request = |n: u64| n as f64 / o.requests as f64;
        compare(
            "one instance",
            &[
                ("cold", p_cold, per_request(o.cold_starts), ci.cold_starts, 0.02),
                ("rejected", p_reject, per_request(o.rejected), ci.rejected, 0.02),
                ("running", p_reject, means(&study).0, ci.running, 0.02),
                ("idle", idle_mean, means(&study).1, ci.idle, 0.02),
            ],
        );
    }
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
        let study = replicate(&s, 8, 2).unwrap();
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

#[test]
fn bursts_start_instances_as_often_as_theory_says() {
    let per_second = |n: u64| Rate::new(n, Nanos::from_secs(1));
    let mut s = scaled(1.0, 0.5, 0.5, 60.0, 40, 300_000.0);
    s.arrivals = Arrivals::Mmpp { rates: [per_second(1), per_second(10)], stays: [seconds(300.0), seconds(30.0)] };
    let study = replicate(&s, 8, 2).unwrap();
    let ci = study.ci95.as_ref().unwrap();
    let cold = study.all.cold_starts as f64 / study.all.requests as f64;
    let (running, idle, _) = means(&study);
    compare(
        "MMPP",
        &[
            ("cold", 0.014910610060588789, cold, ci.cold_starts, 0.05),
            ("running", 0.9090909090909188, running, ci.running, 0.05),
            ("idle", 4.573003902630717, idle, ci.idle, 0.05),
        ],
    );
}

#[test]
fn requests_are_billed_in_quanta() {
    for (law, quantum, mean) in [
        (exponential(0.25), 0.1, 0.303324478171974),
        (exponential(0.02), 0.1, 0.10067836549063),
        (Law::lognormal(seconds(0.25), 1.0), 0.1, 0.299391658285592),
        (Law::Uniform { from: Nanos(0), to: seconds(0.3) }, 0.1, 0.2),
    ] {
        let mut s = servers(poisson(100.0), law.clone(), 1, UNBOUNDED, 10_000.0);
        (s.concurrency, s.meter) = (1_000_000, Meter::Requests { quantum: seconds(quantum) });
        let o = replicate(&s, 1, 1).unwrap().all;
        let billed = o.billed_ns as f64 / 1e9 / o.served as f64;
        assert!((billed / mean - 1.0).abs() < 0.003, "{law:?}: {billed} is not {mean}");
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

#[test]
fn an_independent_simulator_agrees_from_an_empty_start() {
    for (name, [rate, warm, cold, idle, horizon], max, by_routing) in SIMFAAS {
        for (routing, want) in [Routing::Newest, Routing::MostRecent].into_iter().zip(by_routing) {
            let mut s = scaled(rate, warm, cold, idle, max, horizon);
            (s.routing, s.warm_up) = (routing, Nanos(0));
            if name == "S7" {
                s.arrivals = Arrivals::Renewal(Law::Hyperexponential { mean: seconds(1.0 / rate), cv: 2.0 });
                s.service = Service::Law(Law::lognormal(seconds(warm), 1.5));
                s.start_up = StartUp::Within(Law::lognormal(seconds(cold), 1.5));
            }
            let study = replicate(&s, 20, 2).unwrap();
            let (ci, o) = (study.ci95.as_ref().unwrap(), &study.all);
            let (running, idle, _) = means(&study);
            let per_request = |n: u64| n as f64 / o.requests as f64;
            let got = [
                (per_request(o.cold_starts), ci.cold_starts),
                (per_request(o.rejected), ci.rejected),
                (running, ci.running),
                (idle, ci.idle),
            ];
            for (n, ((got, half_width), (want, error))) in got.into_iter().zip(want).enumerate() {
                // Two standard errors make a half-width; the reference has an error of its own.
                let apart = (got - want).abs();
                let error = (half_width * half_width / 4.4 + error * error).sqrt();
                assert!(apart <= 4.5 * error, "{name} {routing:?} {n}: {got} ± {half_width} is not {want}");
            }
        }
    }
}
