//! One number for everything that comes out of a few dozen runs: the same on every machine, debug or release, native or WebAssembly.
//!
//! It changes when what the model does changes, or which random numbers it takes: then write the new one down, with the reason
//! in the commit. It must never differ between two machines. `cargo xtask wasm` compares it in WebAssembly.

use wharfage_sim::{
    Arrivals, Cpu, Law, Meter, Nanos, Nodes, Outcome, Policy, Rate, Routing, Scenario, Service, Spread, StartUp, Step,
    UNBOUNDED, autoscaler::Autoscaler, simulate,
};

/// What comes out.
const DIGEST: u64 = 0x271e_cc0d_e29e_cc16;

fn main() {
    let digest = digest();
    println!("{digest:#018x}");
    assert_eq!(digest, DIGEST, "these are not the results of other machines");
}

const fn ms(n: u64) -> Nanos {
    Nanos::from_micros(1_000 * n)
}

const fn per_second(n: u64) -> Rate {
    Rate::new(n, ms(1_000))
}

/// 20 requests a second for a quarter of an hour, most of them served by instances that start on demand.
fn base() -> Scenario {
    Scenario {
        arrivals: Arrivals::Poisson(per_second(20)),
        service: Service::Law(Law::Exponential(ms(200))),
        cpu: None,
        start_up: StartUp::Before(Law::Constant(ms(700))),
        policy: Policy::ScaleToZero { idle_after: Law::Constant(ms(9_000)), min_instances: 0, max_instances: u64::MAX },
        pre_started: 0,
        nodes: None,
        concurrency: 1,
        routing: Routing::MostRecent,
        queue: 0,
        max_queue: 1_000_000,
        horizon: Some(ms(900_000)),
        warm_up: ms(20_000),
        meter: Meter::Requests { quantum: ms(100) },
        sample_every: Some(ms(60_000)),
        seed: 42,
    }
}

fn demands() -> Vec<Scenario> {
    let mean = ms(50);
    let arrivals = [
        Arrivals::Constant(per_second(13)),
        Arrivals::Renewal(Law::Gamma { mean, cv: 1.7 }),
        Arrivals::Renewal(Law::Hyperexponential { mean, cv: 2.0 }),
        Arrivals::Diurnal { mean: per_second(20), amplitude: 0.8, period: ms(300_000), peak_at: ms(70_000) },
        Arrivals::Steps(vec![
            Step { lasts: ms(50_000), rate: per_second(90) },
            Step { lasts: ms(250_000), rate: per_second(4) },
        ]),
        Arrivals::Mmpp { rates: [per_second(5), per_second(60)], stays: [ms(9_000), ms(3_000)] },
        Arrivals::Hawkes { base: per_second(9), jump: 1.0, decay: 2.0 },
    ];
    let laws = [
        Law::Constant(mean),
        Law::lognormal(mean, 2.0),
        Law::Gamma { mean, cv: 0.5 },
        Law::Uniform { from: ms(10), to: ms(900) },
    ];
    let arrivals = arrivals.map(|arrivals| Scenario { arrivals, ..base() });
    let laws = laws.map(|law| Scenario { service: Service::Law(law), ..base() });
    arrivals.into_iter().chain(laws).collect()
}

fn instances() -> Vec<Scenario> {
    let (increment, minimum) = (ms(100), ms(1_000));
    let shared = Cpu { time: Some(Law::Exponential(ms(80))), milli_vcpus: 1_500 };
    let own = Policy::ScaleToZero { idle_after: Law::Exponential(ms(5_000)), min_instances: 2, max_instances: 9 };
    vec![
        Scenario { routing: Routing::Newest, start_up: StartUp::Within(Law::Exponential(ms(300))), ..base() },
        Scenario { routing: Routing::LeastRecent, meter: Meter::Active { increment, minimum }, ..base() },
        Scenario { policy: own, queue: 40, meter: Meter::Life { increment, minimum }, pre_started: 3, ..base() },
        Scenario { concurrency: 4, routing: Routing::LeastRecent, ..base() },
        Scenario { concurrency: 80, cpu: Some(shared), ..base() },
        Scenario { policy: Policy::AlwaysOn { replicas: 5 }, queue: UNBOUNDED, ..base() },
        // So many in flight that most wait for days of the calendar to come.
        Scenario {
            arrivals: Arrivals::Poisson(per_second(2_000)),
            horizon: Some(ms(20_000)),
            warm_up: Nanos(0),
            ..base()
        },
    ]
}

fn autoscalers() -> Vec<Scenario> {
    let nodes = Nodes {
        each: 3,
        start_up: Law::Uniform { from: ms(20_000), to: ms(40_000) },
        idle_after: ms(60_000),
        scan: ms(10_000),
        min: 1,
    };
    let scaled = |(_, by): (&str, Autoscaler)| Scenario {
        policy: Policy::Autoscaled { min_instances: by.least(), by, max_instances: 30 },
        concurrency: 2,
        queue: UNBOUNDED,
        ..base()
    };
    let meter = Meter::Nodes { increment: ms(1_000), minimum: ms(60_000) };
    let mut all: Vec<Scenario> = Autoscaler::defaults().into_iter().map(scaled).collect();
    all.extend(all.clone().into_iter().map(|s| Scenario { nodes: Some(nodes.clone()), meter, ..s }));
    all
}

fn digest() -> u64 {
    let mut digest = 0;
    let mut write = |x: u128| digest = mixed(mixed(digest ^ x as u64) ^ (x >> 64) as u64);
    for scenario in demands().into_iter().chain(instances()).chain(autoscalers()) {
        for replication in 0..2 {
            outcome(&simulate(&scenario, replication).expect("the runs are small"), &mut write);
        }
    }
    digest
}

/// Writes down everything: a new field must join.
fn outcome(o: &Outcome, write: &mut impl FnMut(u128)) {
    let Outcome { requests, served, rejected, cold_starts, waited, billed_periods, .. } = *o;
    let Outcome { metered_ns, billed_ns, warm_ns, node_ns, asked_ns, span_ns, .. } = *o;
    let Outcome { peak_busy, peak_held, peak_nodes, end, cut, events, ledger, .. } = *o;
    [requests, served, rejected, cold_starts, waited, billed_periods].into_iter().for_each(|n| write(n.into()));
    [metered_ns, billed_ns, warm_ns, node_ns, asked_ns, span_ns].into_iter().for_each(&mut *write);
    [peak_busy, peak_held, peak_nodes, end.0, cut.into(), events].into_iter().for_each(|n| write(n.into()));
    [ledger.starting_ns, ledger.busy_ns, ledger.idle_ns, ledger.held_ns].into_iter().for_each(&mut *write);
    write(ledger.busy_periods.into());
    [&o.latency, &o.wait].into_iter().for_each(|s| spread(s, write));
    for s in &o.series {
        [s.at.0, s.running, s.idle, s.queued, s.nodes].into_iter().for_each(|n| write(n.into()));
    }
}

fn spread(s: &Spread, write: &mut impl FnMut(u128)) {
    [s.count.into(), s.sum_ns, s.max_ns.into()].into_iter().for_each(&mut *write);
    (1..=40).for_each(|n| write(s.quantile(25 * n).0.into()));
}

/// One step of SplitMix64.
fn mixed(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[test]
fn results_are_those_of_every_other_machine() {
    assert_eq!(digest(), DIGEST, "{:#018x}", digest());
}
