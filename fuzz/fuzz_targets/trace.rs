//! Any bytes read as a trace, packed or not, as measured times and as a week: mistakes are told, nothing panics; and what is
//! accepted can be simulated, with every request either served or rejected.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use wharfage_sim::{
    Arrivals, Durations, Expression, Format, Law, Meter, Nanos, Policy, Routing, Scenario, Service, StartUp, Trace,
    simulate,
};

fuzz_target!(|bytes: &[u8]| {
    let expression = Expression::read("1ms+2.5*30us*tokens").expect("an expression");
    for durations in [Durations::None, Durations::Recorded, Durations::Expression(expression)] {
        for sort in [false, true] {
            let format = Format { durations: durations.clone(), sort, ..Format::default() };
            if let Ok(trace) = Trace::read(bytes.to_vec().into(), &format) {
                replay(trace, &format);
            }
        }
    }
    if let Ok(law) = Law::empirical(bytes.to_vec().into()) {
        assert!(law.scv() >= 0.0);
    }
    if let Ok(week) = Arrivals::weekly(bytes.to_vec().into(), None) {
        assert!(week.mean_per_second().is_some_and(|rate| rate > 0.0));
    }
});

fn replay(trace: Trace, format: &Format) {
    // A few bytes can count any number of requests.
    if trace.len() > 10_000 {
        return;
    }
    let requests = trace.len();
    let recorded = format.durations != Durations::None;
    let scenario = Scenario {
        arrivals: Arrivals::Trace(Arc::new(trace)),
        service: if recorded { Service::Trace } else { Service::Law(Law::Constant(Nanos::from_secs(1))) },
        cpu: None,
        start_up: StartUp::Before(Law::Constant(Nanos(0))),
        policy: Policy::ScaleToZero {
            idle_after: Law::Constant(Nanos::from_secs(60)),
            min_instances: 0,
            max_instances: 3,
        },
        concurrency: 2,
        routing: Routing::MostRecent,
        queue: 5,
        max_queue: 1_000,
        horizon: None,
        warm_up: Nanos(0),
        meter: Meter::Requests { quantum: Nanos::from_micros(100_000) },
        pre_started: 0,
        nodes: None,
        sample_every: None,
        seed: 1,
    };
    if let Ok(outcome) = simulate(&scenario, 0) {
        assert_eq!((outcome.requests, outcome.served + outcome.rejected), (requests, requests));
        assert!(outcome.ledger.balances());
    }
}
