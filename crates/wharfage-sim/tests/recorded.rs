//! Replays of recorded traces, where the facts lie beside this project (`../shared/facts`): exact integers. Elsewhere the test
//! says that it was left out, since the traces are other people's files.

mod common;

use std::{collections::BTreeMap, fs::File, path::PathBuf, sync::Arc};

use wharfage_sim::{
    Arrivals, Durations, Expression, Format, Input, Law, Nanos, Outcome, Policy, Routing, Scenario, Service, Trace,
    UNBOUNDED, simulate,
};

use common::plain;

fn facts() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/facts/autoscaling")
}

/// What a model's text says, such as `scale_per_request;idle_expiry_us=60000000;routing=mru;…`.
fn scenario(trace: Trace, model: &str) -> Scenario {
    let parts: BTreeMap<&str, &str> = model.split(';').filter_map(|p| p.split_once('=')).collect();
    let number = |name: &str| parts.get(name).map(|n| n.parse::<u64>().unwrap());
    let (policy, concurrency) = match (number("idle_expiry_us"), number("fixed_slots_fcfs")) {
        (Some(us), _) => {
            let idle_after = Law::Constant(Nanos::from_micros(us));
            (Policy::ScaleToZero { idle_after, min_instances: 0, max_instances: u64::MAX }, 1)
        }
        (_, Some(replicas)) => (Policy::AlwaysOn { replicas }, 1),
        _ => (Policy::AlwaysOn { replicas: 1 }, 1_000_000),
    };
    Scenario {
        queue: if matches!(policy, Policy::AlwaysOn { .. }) { UNBOUNDED } else { 0 },
        concurrency,
        routing: if parts.get("routing") == Some(&"newest") { Routing::Newest } else { Routing::MostRecent },
        ..plain(Arrivals::Trace(Arc::new(trace)), Service::Trace, policy)
    }
}

fn metric(o: &Outcome, name: &str) -> u64 {
    let us = |ns: u128| {
        assert_eq!(ns % 1000, 0);
        u64::try_from(ns / 1000).unwrap()
    };
    let quantile = |q| us(o.latency.exact(q).unwrap().0.into());
    match name {
        "cold_starts" => o.cold_starts,
        "busy_us" => us(o.ledger.starting_ns + o.ledger.busy_ns),
        "active_us" => us(o.ledger.busy_ns),
        "idle_us" => us(o.ledger.idle_ns),
        "instance_us" => us(o.ledger.held_ns),
        "billed_100ms_us" => us(o.billed_ns),
        "peak_busy" => o.peak_busy,
        "busy_periods" => o.ledger.busy_periods,
        "waited_requests" => o.waited,
        "wait_sum_us" => us(o.wait.sum_ns),
        "wait_max_us" => us(o.wait.max_ns.into()),
        "sojourn_p50_us" => quantile(500),
        "sojourn_p95_us" => quantile(950),
        "sojourn_p99_us" => quantile(990),
        other => panic!("unknown metric {other}"),
    }
}

#[test]
fn recorded_traces_come_out_exactly() {
    let Ok(file) = File::open(facts().join("trace-replay-cases.csv")) else {
        println!("left out: the facts are not beside this project (../shared/facts)");
        return;
    };
    let mut cases: BTreeMap<(String, String), Vec<(String, u64)>> = BTreeMap::new();
    for record in csv::Reader::from_reader(file).records() {
        let record = record.unwrap();
        let (trace, model) = (record[0].to_owned(), record[2].to_owned());
        if model != "recorded" && !model.starts_with("trace;") {
            cases.entry((trace, model)).or_default().push((record[3].to_owned(), record[4].parse().unwrap()));
        }
    }
    let mut compared = 0;
    for ((trace, model), metrics) in cases {
        let durations = if model.ends_with("recorded") {
            Durations::Recorded
        } else {
            Durations::Expression(Expression::read("20ms+30us*context_tokens+20ms*generated_tokens").unwrap())
        };
        let path = facts().join("traces").join(&trace);
        let file = Input::again(move || Ok(Box::new(File::open(&path)?)));
        let read = Trace::read(file, &Format { durations, ..Format::default() }).unwrap();
        let outcome = simulate(&scenario(read, &model), 0).unwrap();
        for (name, want) in metrics {
            assert_eq!(metric(&outcome, &name), want, "{trace} {model} {name}");
            compared += 1;
        }
        assert!(outcome.ledger.balances());
        assert_eq!(outcome.served + outcome.rejected, outcome.requests);
    }
    assert!(compared > 300, "{compared}");
}
