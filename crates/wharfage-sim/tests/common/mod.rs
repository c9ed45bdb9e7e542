//! What scenarios of tests have in common.

use wharfage_sim::{Arrivals, Law, Meter, Nanos, Policy, Routing, Scenario, Service, StartUp, UNBOUNDED};

/// Instances that start in no time and serve one request at once, from the first to the last arrival; requests wait where there
/// is no room, and pay for whole tenths of a second.
pub fn plain(arrivals: Arrivals, service: Service, policy: Policy) -> Scenario {
    Scenario {
        arrivals,
        service,
        cpu: None,
        start_up: StartUp::Before(Law::Constant(Nanos(0))),
        policy,
        pre_started: 0,
        nodes: None,
        concurrency: 1,
        routing: Routing::MostRecent,
        queue: UNBOUNDED,
        max_queue: 10_000_000,
        horizon: None,
        warm_up: Nanos(0),
        meter: Meter::Requests { quantum: Nanos::from_micros(100_000) },
        sample_every: None,
        seed: 1,
    }
}
