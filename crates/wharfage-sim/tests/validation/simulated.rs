//! The simulator: each figure within some standard errors of the reference, and those errors small enough to say something.
//!
//! Twenty replications of each model. A mean may be off by four and a half standard errors (a correct simulator fails once in
//! some thousands of figures), and such an error is no larger than the tolerance; that is stated for ten million requests, and
//! widened for fewer as errors widen.

use wharfage_sim::{
    Arrivals, Cpu, Law, Meter, Nanos, Outcome, Policy, Rate, Scenario, Service, StartUp, UNBOUNDED, simulate,
};

use crate::{
    cases::{CASES, Case, Model, Times},
    closed_forms::{law, quantile},
    common::plain,
};

const REPLICATIONS: u64 = 20;
/// What tolerances are stated for.
const MANY: f64 = 1e7;

/// As many requests as show a figure of a model within its tolerance.
fn many(model: Model) -> f64 {
    // Ten million requests are no more than 125 cycles of quiet and burst.
    if matches!(model, Model::Bursts { .. }) { 20.0 * MANY } else { MANY }
}

fn seconds(s: f64) -> Nanos {
    Nanos((s * 1e9).round() as u64)
}

fn per_second(rate: f64) -> Rate {
    Rate::micro((rate * 1e6).round() as u128, Nanos::from_secs(1))
}

fn poisson(rate: f64) -> Arrivals {
    Arrivals::Poisson(per_second(rate))
}

fn servers(arrivals: Arrivals, service: Law, replicas: u64, queue: u64) -> Scenario {
    Scenario { queue, seed: 11, ..plain(arrivals, Service::Law(service), Policy::AlwaysOn { replicas }) }
}

/// Requests that start an instance each, which is held for so long.
fn scaled(s: Scenario, idle: f64, max_instances: u64, min_instances: u64) -> Scenario {
    let idle_after = Law::Constant(seconds(idle));
    Scenario { policy: Policy::ScaleToZero { idle_after, min_instances, max_instances }, queue: 0, ..s }
}

/// The model as a scenario, without a horizon; `None` where it is none.
fn scenario(model: Model) -> Option<Scenario> {
    let exponential = |mean| law(Times::Exponential, mean);
    let mmpp =
        |rates: [f64; 2], stays: [f64; 2]| Arrivals::Mmpp { rates: rates.map(per_second), stays: stays.map(seconds) };
    Some(match model {
        // Losses do not depend on how service varies.
        Model::Loss { rate, service, servers: n } => servers(poisson(rate), law(Times::Lognormal(1.5), service), n, 0),
        Model::Queue { rate, service, servers: n } => servers(poisson(rate), exponential(service), n, UNBOUNDED),
        Model::Bounded { rate, service, servers: n, capacity } => {
            servers(poisson(rate), exponential(service), n, capacity - n)
        }
        Model::OneServer { rate, service, mean } => servers(poisson(rate), law(service, mean), 1, UNBOUNDED),
        Model::Shared { rate, service } => {
            let s = servers(poisson(rate), law(Times::Lognormal(2.0), service), 1, UNBOUNDED);
            Scenario { concurrency: 1_000_000, cpu: Some(Cpu { time: None, milli_vcpus: 1_000 }), ..s }
        }
        Model::NeverFull { rate, service } => {
            let s = servers(poisson(rate), law(Times::Lognormal(1.0), service), 1, UNBOUNDED);
            Scenario { concurrency: 1_000_000, ..s }
        }
        Model::PerRequest { rate, service, idle, max, min } => {
            scaled(servers(poisson(rate), exponential(service), 1, 0), idle, max, min)
        }
        Model::OneInstance { rate, warm, cold, idle } => {
            let s = scaled(servers(poisson(rate), exponential(warm), 1, 0), idle, 1, 0);
            Scenario { start_up: StartUp::Within(law(Times::Gamma(2.0), cold)), ..s }
        }
        Model::Rounded { service, mean, quantum } => {
            let s = servers(poisson(1.0), law(service, mean), 1, UNBOUNDED);
            Scenario { concurrency: 1_000_000, meter: Meter::Requests { quantum: seconds(quantum) }, ..s }
        }
        Model::Renewal { gaps, rate, service } => {
            servers(Arrivals::Renewal(law(gaps, 1.0 / rate)), exponential(service), 1, UNBOUNDED)
        }
        Model::Bursts { rates, stays, service, idle, max, min } => {
            scaled(servers(mmpp(rates, stays), exponential(service), 1, 0), idle, max, min)
        }
        Model::BurstsOneServer { rates, stays, service } => {
            servers(mmpp(rates, stays), exponential(service), 1, UNBOUNDED)
        }
        Model::Varying { .. } | Model::Hawkes { .. } | Model::Servers { .. } => return None,
    })
}

/// What follows from others, or asks for the length of each request.
const NOT_MEASURED: [&str; 3] = ["rho", "N_var", "conditional_sojourn_per_unit_work"];

/// What a run says; `None` where it does not.
fn measured(o: &Outcome, metric: &str) -> Option<f64> {
    let per_second = |ns: u128| ns as f64 / o.span_ns as f64;
    let share = |n: u64, of: u64| n as f64 / of as f64;
    let running = per_second(o.ledger.starting_ns + o.ledger.busy_ns);
    let quantile_of = |name| quantile(metric, name).map(|share| (share * 1_000.0).round() as u64);
    Some(match metric {
        "p_block" | "p_rej" | "p_reject" => share(o.rejected, o.requests),
        "p_cold" | "p_cold_over_all" => share(o.cold_starts, o.requests),
        "p_cold_over_accepted" => share(o.cold_starts, o.served),
        "p_wait" | "p_wait_accepted" => share(o.waited, o.served),
        "throughput" | "throughput_per_s" => o.served as f64 * 1e9 / o.span_ns as f64,
        "rate_mean" => o.requests as f64 * 1e9 / o.span_ns as f64,
        "busy_mean" | "run" | "run_mean" | "active_fraction" => running,
        "p_empty" => 1.0 - running,
        "idle" | "idle_mean" => per_second(o.ledger.idle_ns),
        "total" | "total_mean" => per_second(o.ledger.held_ns),
        "life" | "lifespan_mean" => o.ledger.held_ns as f64 / 1e9 / o.cold_starts as f64,
        "Wq_mean" | "Wq_mean_accepted" => o.wait.mean_ns() / 1e9,
        "W_mean" | "W_mean_accepted" | "sojourn_mean" => o.latency.mean_ns() / 1e9,
        "Lq_mean" => per_second(o.wait.sum_ns),
        "L_mean" | "N_mean" => per_second(o.latency.sum_ns),
        "busy_period_mean" => o.ledger.busy_ns as f64 / 1e9 / o.ledger.busy_periods as f64,
        "busy_periods_per_s" => o.ledger.busy_periods as f64 * 1e9 / o.span_ns as f64,
        "mean_billed_s" => o.billed_ns as f64 / 1e9 / o.served as f64,
        "overhead_ratio" => o.billed_ns as f64 / o.metered_ns as f64,
        _ => match (quantile_of("wait"), quantile_of("sojourn")) {
            (Some(q), _) => o.wait.quantile(q).as_f64() / 1e9,
            (_, q) => o.latency.quantile(q?).as_f64() / 1e9,
        },
    })
}

/// The relative tolerance for [`many`] requests.
fn tolerance(Case { model, expected, .. }: &Case, metric: &str) -> f64 {
    // A share of rare requests, by how many of them there are.
    let rare = |metric| {
        let share = expected.iter().find(|(name, _)| *name == metric).map_or(1.0, |(_, share)| *share);
        (10.0 / (share * MANY).sqrt()).max(0.005)
    };

    match (*model, metric) {
        (Model::Loss { .. }, "p_block") => 0.02,
        (Model::Loss { .. }, _) => 0.003,
        (Model::Queue { .. }, metric) => match metric {
            "sojourn_p999" | "wait_p999" => 0.05,
            "sojourn_p99" | "wait_p99" => 0.02,
            _ if metric.starts_with("sojourn") => 0.01,
            _ => 0.015,
        },
        (Model::Bounded { .. } | Model::Shared { .. }, _) => 0.015,
        (Model::OneServer { service: Times::Lognormal(_), .. }, _) => 0.05,
        (Model::OneServer { .. }, _) => 0.02,
        (Model::NeverFull { .. }, "busy_period_mean") => 0.015,
        (Model::NeverFull { .. } | Model::OneInstance { .. }, _) => 0.005,
        (Model::PerRequest { .. }, "p_cold" | "life") => rare("p_cold"),
        (Model::PerRequest { .. }, "p_rej") => rare("p_rej"),
        (Model::PerRequest { .. }, _) => 0.005,
        (Model::Rounded { .. }, _) => 0.003,
        (Model::Renewal { gaps: Times::Hyperexponential(_), .. }, _) => 0.04,
        (Model::Renewal { .. }, _) => 0.02,
        (Model::Bursts { .. }, "p_cold" | "p_block") => 0.03,
        (Model::Bursts { .. }, _) => 0.01,
        (Model::BurstsOneServer { .. }, _) => 0.05,
        (Model::Varying { .. } | Model::Hawkes { .. } | Model::Servers { .. }, _) => 0.0,
    }
}

/// Mean of a figure over replications, and its standard error.
fn estimate(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

/// Compares what can be of the cases whose names begin so, with so many requests each.
fn check(prefix: char, requests: f64) {
    for case in CASES.iter().filter(|c| c.name.starts_with(prefix)) {
        let Case { name, model, expected } = case;
        let plain = scenario(*model).unwrap();
        let rate = plain.arrivals.mean_per_second().unwrap();
        let horizon = requests / REPLICATIONS as f64 / rate;
        let s = Scenario { horizon: Some(seconds(horizon)), warm_up: seconds(horizon / 20.0), ..plain };
        let outcomes: Vec<Outcome> = (0..REPLICATIONS).map(|n| simulate(&s, n).unwrap()).collect();
        for (metric, want) in *expected {
            let values: Option<Vec<f64>> = outcomes.iter().map(|o| measured(o, metric)).collect();
            let Some(values) = values else {
                assert!(NOT_MEASURED.contains(metric), "{name} {metric} is not measured");
                continue;
            };
            let (got, error) = estimate(&values);
            let widest = tolerance(case, metric) * want * (many(*model) / requests).sqrt();
            // What is rarer than these requests can show is not seen at all.
            assert!((got - want).abs() <= (4.5 * error).max(1e-9), "{name} {metric}: {got} ± {error} is not {want}");
            assert!(error <= widest.max(1e-9), "{name} {metric}: ± {error} of {want} says too little");
        }
    }
}

/// Ten million requests of each model, as the tolerances are stated.
#[test]
#[ignore = "takes minutes"]
fn the_simulator_agrees_within_the_stated_tolerances() {
    "ABCDEFGHIJL".chars().for_each(|family| check(family, MANY));
    check('K', 20.0 * MANY);
}

/// Requests of each model where tests are to be quick.
const FEW: f64 = 4e5;

#[test]
fn losses_and_queues_are_those_of_erlang() {
    "ABC".chars().for_each(|family| check(family, FEW));
}

#[test]
fn one_server_waits_as_service_and_gaps_vary() {
    "DJL".chars().for_each(|family| check(family, FEW));
}

#[test]
fn a_shared_processor_and_an_instance_that_never_fills_are_as_busy_as_theory_says() {
    "EF".chars().for_each(|family| check(family, FEW));
}

#[test]
fn instances_start_and_idle_as_often_as_theory_says() {
    "GH".chars().for_each(|family| check(family, FEW));
}

#[test]
fn bursts_start_instances_as_often_as_theory_says() {
    check('K', 4.0 * FEW);
}

#[test]
fn requests_are_billed_in_quanta() {
    check('I', FEW);
}

/// The mean number of instances at a time of day, over so many days: each an independent run-up to that time.
fn check_day(case: &Case, days: u64) {
    let Model::Varying { mean, amplitude, period, service, at } = case.model else { unreachable!("it varies") };
    // By then what was there at the beginning is gone.
    let run_up = 12.0 * service;
    let arrivals = Arrivals::Diurnal {
        mean: per_second(mean),
        amplitude,
        period: seconds(period),
        // The rate is a sine: it peaks a quarter into the period.
        peak_at: seconds((period / 4.0 - at + run_up).rem_euclid(period)),
    };
    let s = scaled(servers(arrivals, law(Times::Exponential, service), 1, 0), 0.0, u64::MAX, 0);
    let s = Scenario { horizon: Some(seconds(run_up + 1.0)), sample_every: Some(seconds(run_up)), ..s };
    let there = |n| simulate(&s, n).unwrap().series[1].running as f64;
    let (got, error) = estimate(&(0..days).map(there).collect::<Vec<_>>());
    let (_, want) = case.expected[0];
    assert!((got - want).abs() <= 4.5 * error, "{}: {got} ± {error} is not {want}", case.name);
    assert!(error <= 0.005 * want * (2_000.0 / days as f64).sqrt(), "{}: ± {error} of {want}", case.name);
}

#[test]
fn instances_follow_a_rate_that_varies_through_the_day() {
    for case in CASES.iter().filter(|c| c.name.starts_with('M')) {
        check_day(case, if case.name.starts_with("M1") { 15 } else { 400 });
    }
}

#[test]
#[ignore = "takes minutes"]
fn instances_follow_a_rate_that_varies_within_the_stated_tolerance() {
    CASES.iter().filter(|c| c.name.starts_with('M')).for_each(|case| check_day(case, 2_000));
}

/// Rate and variance over mean of counts in long windows.
fn check_clusters(windows: usize, rate_within: f64, fano_within: f64) {
    for case in CASES.iter().filter(|c| c.name.starts_with('N')) {
        let Model::Hawkes { base, jump, decay } = case.model else { unreachable!("it is one") };
        let mut source = Arrivals::Hawkes { base: per_second(base), jump, decay }.source(5, 0);
        let (each, mut counts) = (500_000_000_000, vec![0.0; windows]);
        while let Some(count) = counts.get_mut((source.next_at() / each) as usize) {
            *count += 1.0;
        }
        let (mean, error) = estimate(&counts);
        let fano = error * error * windows as f64 / mean;
        let want = |metric| case.expected.iter().find(|(name, _)| *name == metric).unwrap().1;
        let near = |got: f64, want: f64, within: f64| (got - want).abs() <= within * want;
        assert!(near(mean / 500.0, want("rate_mean"), rate_within), "{}: {mean} in 500 s", case.name);
        assert!(near(fano, want("fano_asymptotic"), fano_within), "{}: {fano}", case.name);
    }
}

#[test]
fn arrivals_that_bring_others_come_in_clusters_of_the_known_size() {
    check_clusters(800, 0.02, 0.2);
}

#[test]
#[ignore = "takes a minute"]
fn arrivals_that_bring_others_do_so_within_the_stated_tolerances() {
    check_clusters(40_000, 0.01, 0.05);
}
