//! Models of demand against what is known of them: families K, M and N of the reference cases; J and L are in `theory.rs`.

use wharfage_sim::{
    Arrivals, Law, Meter, Nanos, Policy, Rate, Routing, Scenario, Service, StartUp, UNBOUNDED, Watch, replicate,
    simulate,
};

const SECOND: Nanos = Nanos::from_secs(1);

/// An instance per request.
fn scaled(arrivals: Arrivals, service: Nanos, idle_after: Nanos, horizon: Nanos) -> Scenario {
    Scenario {
        arrivals,
        service: Service::Law(Law::Exponential(service)),
        cpu: None,
        start_up: StartUp::Before(Law::Constant(Nanos(0))),
        policy: Policy::ScaleToZero {
            idle_after: Law::Constant(idle_after),
            min_instances: 0,
            max_instances: u64::MAX,
        },
        concurrency: 1,
        routing: Routing::MostRecent,
        queue: UNBOUNDED,
        max_queue: 10_000_000,
        horizon: Some(horizon),
        warm_up: Nanos(horizon.0 / 20),
        meter: Meter::Requests { quantum: Nanos::from_micros(100_000) },
        pre_started: 0,
        nodes: None,
        sample_every: None,
        seed: 5,
    }
}

#[test]
fn occasional_tenfold_spikes_start_instances_as_often_as_theory_says() {
    // K2: 100/s for 600 s on average, then 1000/s for 20 s; 20 ms each, held for 30 s.
    let rates = [Rate::new(100, SECOND), Rate::new(1_000, SECOND)];
    let arrivals = Arrivals::Mmpp { rates, stays: [Nanos::from_secs(600), Nanos::from_secs(20)] };
    assert!((arrivals.mean_per_second().unwrap() - 129.032_258_064_516).abs() < 1e-9);
    let s = scaled(arrivals, Nanos::from_micros(20_000), Nanos::from_secs(30), Nanos::from_secs(20_000));
    let study = replicate(&s, 8, 2, &Watch::new()).unwrap();
    let (o, ci) = (&study.all, study.ci95.as_ref().unwrap());
    let mean = |ns: u128| ns as f64 / o.span_ns as f64;
    for (name, want, got, half, widest) in [
        ("cold", 0.000_506_846_964, o.cold_starts as f64 / o.requests as f64, ci.cold_starts, 0.1),
        ("running", 2.580_645_161, mean(o.ledger.starting_ns + o.ledger.busy_ns), ci.running, 0.1),
        ("idle", 8.975_944_734, mean(o.ledger.idle_ns), ci.idle, 0.1),
    ] {
        assert!((got - want).abs() <= 2.5 * half, "{name}: {got} ± {half} is not {want}");
        assert!(half <= widest * want, "{name}: ± {half} of {want} says too little");
    }
}

#[test]
fn a_daily_wave_fills_as_many_instances_as_theory_says_at_each_time() {
    // M2: 2/s, amplitude 0.5, period 600 s, its peak at 150 s; exponential service of 60 s.
    let period = Nanos::from_secs(600);
    let arrivals =
        Arrivals::Diurnal { mean: Rate::new(2, SECOND), amplitude: 0.5, period, peak_at: Nanos::from_secs(150) };
    let periods = 8_000;
    let mut s = scaled(arrivals, Nanos::from_secs(60), Nanos(0), Nanos(period.0 * periods));
    s.sample_every = Some(Nanos::from_secs(150));
    let series = simulate(&s, 0).unwrap().series;
    for (place, want) in [(0, 92.971_365_4), (1, 163.017_408_0), (2, 147.028_634_6)] {
        // The first periods begin from nothing.
        let counts: Vec<f64> = series[40..].iter().skip(place).step_by(4).map(|at| at.running as f64).collect();
        let mean = counts.iter().sum::<f64>() / counts.len() as f64;
        // The number is a Poisson variable, and periods are nearly independent.
        let within = 4.5 * (want / counts.len() as f64).sqrt();
        assert!((mean - want).abs() < within && within < 0.006 * want, "{place}: {mean} ± {within} is not {want}");
    }
}

#[test]
fn clusters_of_requests_are_as_large_as_theory_says() {
    // N1: base 0.5/s, alpha 0.8, beta 1: 2.5/s, and counts of long times vary 25 times as much as Poisson's.
    let hawkes = Arrivals::Hawkes { base: Rate::new(1, Nanos::from_secs(2)), jump: 0.8, decay: 1.0 };
    assert!((hawkes.mean_per_second().unwrap() - 2.5).abs() < 1e-9);
    let (bins, each) = (6_000, 1_000_000_000_000_u64);
    let mut counts = vec![0_u32; bins];
    let mut source = hawkes.source(9, 0);
    while let Some(count) = counts.get_mut((source.next_at() / each) as usize) {
        *count += 1;
    }
    let mean = counts.iter().map(|n| f64::from(*n)).sum::<f64>() / bins as f64;
    let variance = counts.iter().map(|n| (f64::from(*n) - mean).powi(2)).sum::<f64>() / (bins as f64 - 1.0);
    assert!((mean / 1_000.0 - 2.5).abs() < 0.025, "{mean}");
    // Of 1000 s it is 24.88.
    assert!((variance / mean - 24.88).abs() < 0.1 * 24.88, "{}", variance / mean);
}

#[test]
fn renewal_gaps_have_the_mean_and_variation_that_are_asked_for() {
    let mean = Nanos::from_micros(50_000);
    for (law, cv) in [
        (Law::Gamma { mean, cv: 0.5 }, 0.5),
        (Law::Gamma { mean, cv: 2.0 }, 2.0),
        (Law::Hyperexponential { mean, cv: 3.0 }, 3.0),
        (Law::lognormal(mean, 1.5), 1.5),
    ] {
        let mut source = Arrivals::Renewal(law.clone()).source(2, 0);
        let (n, mut before) = (1_000_000, 0);
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let at = source.next_at();
            let gap = (at - before) as f64;
            (sum, squares, before) = (sum + gap, squares + gap * gap, at);
        }
        let got = sum / f64::from(n);
        let got_cv = (squares / f64::from(n) / (got * got) - 1.0).sqrt();
        assert!((got / mean.as_f64() - 1.0).abs() < 0.015, "{law:?}: {got}");
        assert!((got_cv / cv - 1.0).abs() < 0.03, "{law:?}: {got_cv}");
    }
}
