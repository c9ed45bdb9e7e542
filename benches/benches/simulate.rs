//! Requests simulated per second, by policy and load: what `wharfage simulate` runs, percentiles and billing on; and a whole process.
//!
//! Times are printed, never asserted: machines differ. Compare ratios within one run.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use wharfage_benches::Program;
use wharfage_sim::{
    Arrivals, Law, Meter, Nanos, Policy, Rate, Routing, Scenario, Service, StartUp, Step, UNBOUNDED, Watch,
    autoscaler::Autoscaler, replicate,
};

const SECOND: Nanos = Nanos::from_secs(1);

const fn ms(n: u64) -> Nanos {
    Nanos::from_micros(1_000 * n)
}

/// As many requests as these are simulated in each run.
const REQUESTS: u64 = 200_000;

/// Poisson arrivals and exponential services on instances that start on demand and are held for ten minutes.
fn load(per_second: u64, service: Nanos) -> Scenario {
    let idle_after = Law::Constant(Nanos::from_secs(600));
    Scenario {
        arrivals: Arrivals::Poisson(Rate::new(per_second, SECOND)),
        service: Service::Law(Law::Exponential(service)),
        cpu: None,
        start_up: StartUp::Before(Law::Constant(ms(400))),
        policy: Policy::ScaleToZero { idle_after, min_instances: 0, max_instances: u64::MAX },
        pre_started: 0,
        nodes: None,
        concurrency: 1,
        routing: Routing::MostRecent,
        queue: 0,
        max_queue: 10_000_000,
        horizon: Some(Nanos(REQUESTS * SECOND.0 / per_second)),
        warm_up: Nanos(0),
        meter: Meter::Requests { quantum: ms(100) },
        sample_every: None,
        seed: 1,
    }
}

/// SimFaaS's own example: 0.9 requests a second of 2 s.
fn base() -> Scenario {
    Scenario {
        arrivals: Arrivals::Poisson(Rate::new(9, Nanos::from_secs(10))),
        service: Service::Law(Law::Exponential(ms(1_991))),
        start_up: StartUp::Within(Law::Exponential(ms(2_244))),
        horizon: Some(Nanos(REQUESTS * 10 * SECOND.0 / 9)),
        ..load(1, SECOND)
    }
}

fn scaled(name: &str, concurrency: u32, s: Scenario) -> Scenario {
    let (_, by) = Autoscaler::defaults().into_iter().find(|(n, _)| *n == name).expect("a known autoscaler");
    let policy = Policy::Autoscaled { min_instances: by.least(), by, max_instances: 10_000 };
    Scenario { policy, concurrency, queue: UNBOUNDED, ..s }
}

/// 100 requests a second, and ten times as many in the first minute of each hour.
fn bursts(s: Scenario) -> Scenario {
    let step = |seconds, per_second| Step { lasts: Nanos::from_secs(seconds), rate: Rate::new(per_second, SECOND) };
    let arrivals = Arrivals::Steps(vec![step(60, 1_000), step(3_540, 100)]);
    Scenario { arrivals, horizon: Some(Nanos::from_secs(3_600)), ..s }
}

fn cases() -> Vec<(&'static str, Scenario)> {
    let heavy = || load(100, ms(200));
    vec![
        ("0.9 per s, 2 busy", base()),
        ("0.9 per s, 2 busy, newest first", Scenario { routing: Routing::Newest, ..base() }),
        ("100 per s, 20 busy", heavy()),
        ("100 per s, 20 busy, all of 200 ms", Scenario { service: Service::Law(Law::Constant(ms(200))), ..heavy() }),
        ("100 per s, 20 busy, lognormal", Scenario { service: Service::Law(Law::lognormal(ms(200), 2.0)), ..heavy() }),
        ("1000 per s, 100 busy", load(1_000, ms(100))),
        ("10000 per s, 1000 busy", load(10_000, ms(100))),
        ("100 per s, 80 at once", Scenario { concurrency: 80, ..heavy() }),
        (
            "100 per s, 24 always on, queue",
            Scenario { policy: Policy::AlwaysOn { replicas: 24 }, queue: UNBOUNDED, ..heavy() },
        ),
        ("100 per s, Cloud Run", scaled("cloud-run", 1, heavy())),
        ("100 per s, Cloud Run, 80 at once", scaled("cloud-run", 80, heavy())),
        ("100 per s with bursts, Cloud Run, 80 at once", bursts(scaled("cloud-run", 80, heavy()))),
        ("1000 per s, Cloud Run", scaled("cloud-run", 1, load(1_000, ms(100)))),
        ("100 per s, Knative, 10 at once", scaled("knative", 10, heavy())),
        ("100 per s, HPA, 10 at once", scaled("hpa", 10, heavy())),
    ]
}

fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("simulate");
    group.sample_size(10);
    for (name, scenario) in cases() {
        let run = || replicate(black_box(&scenario), 1, 1, &Watch::new()).expect("the queue stays short");
        group.throughput(Throughput::Elements(run().all.requests));
        group.bench_function(BenchmarkId::from_parameter(name), |b| b.iter(run));
    }
    group.finish();
    if let Some(program) = Program::built() {
        let arguments = "simulate --policy scale-to-zero --arrivals poisson:100/s --service exp:200ms --cold-start const:400ms \
                         --idle-after 600s --horizon 1h --format json";
        c.bench_function("a whole simulate process, one hour of 100 per s", |b| b.iter(|| program.run(arguments)));
    }
}

criterion_group!(simulate_benches, benches);
criterion_main!(simulate_benches);
