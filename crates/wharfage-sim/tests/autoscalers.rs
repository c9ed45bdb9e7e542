//! Autoscalers in a run: one day's trace with a tenfold step, and what each makes of it.

use std::sync::Arc;

use wharfage_sim::{
    Arrivals, Law, Meter, Nanos, Outcome, Policy, Routing, Scenario, Service, StartUp, Trace, UNBOUNDED,
    autoscaler::Autoscaler, simulate,
};

const SECOND: u64 = 1_000_000_000;

/// Requests of 200 ms: 20 a second for an hour, 200 for ten minutes, 20 again; evenly spaced.
fn step() -> Trace {
    let quiet = |from: u64, seconds: u64| (0..20 * seconds).map(move |n| from * SECOND + n * SECOND / 20);
    let busy = (0..200 * 600_u64).map(|n| 3_600 * SECOND + n * SECOND / 200);
    Trace::new(quiet(0, 3_600).chain(busy).chain(quiet(4_200, 3_000)).collect(), Vec::new(), Vec::new()).unwrap()
}

fn run(by: Autoscaler, start_up: u64) -> Outcome {
    let scenario = Scenario {
        arrivals: Arrivals::Trace(Arc::new(step())),
        service: Service::Law(Law::Constant(Nanos::from_micros(200_000))),
        cpu: None,
        start_up: StartUp::Before(Law::Constant(Nanos::from_secs(start_up))),
        policy: Policy::Autoscaled { min_instances: by.least(), by, max_instances: 40 },
        concurrency: 4,
        routing: Routing::MostRecent,
        queue: UNBOUNDED,
        max_queue: 10_000_000,
        horizon: Some(Nanos::from_secs(7_200)),
        warm_up: Nanos(0),
        meter: Meter::Requests { quantum: Nanos::from_micros(100_000) },
        pre_started: 0,
        nodes: None,
        sample_every: Some(Nanos::from_secs(60)),
        seed: 1,
    };
    simulate(&scenario, 0).unwrap()
}

fn totals(o: &Outcome) -> Vec<u64> {
    o.series.iter().map(|s| s.running + s.idle).collect()
}

#[test]
fn a_tenfold_step_gives_each_autoscaler_a_series_of_its_own() {
    let all: Vec<_> = Autoscaler::defaults().map(|(name, by)| (name, run(by, 5))).into();
    for (n, (name, o)) in all.iter().enumerate() {
        assert!(o.ledger.balances(), "{name}: {:?}", o.ledger);
        assert_eq!(o.served + o.rejected, o.requests, "{name}");
        let series = totals(o);
        assert_eq!(series.len(), 121, "{name}");
        // 4 requests present before the step need one instance at least, 40 in it need ten.
        let (before, after) = (series[50], series[118]);
        assert!((1..=4).contains(&before), "{name}: {series:?}");
        // Cloud Run starts one instance per four requests that arrive while the first ones start, and Knative panics over
        // those that wait; ECS is asked every few minutes and gets there late.
        assert!(series[60..76].iter().any(|n| *n >= 10), "{name}: {series:?}");
        assert!(after <= 4, "{name}: {series:?}");
        for (other, b) in &all[n + 1..] {
            assert_ne!(series, totals(b), "{name} and {other}");
        }
    }
}

#[test]
fn hpa_doubles_every_quarter_of_a_minute_up_to_what_the_ratio_asks_for() {
    let (_, hpa) = &Autoscaler::defaults()[2];
    let series = totals(&run(hpa.clone(), 5));
    // 4 in flight at a target of 2.4 per pod.
    assert_eq!(series[50], 2, "{series:?}");
    // In the step 40 in flight: 17 pods, held within the tolerance of the target.
    assert!((16..=19).contains(&series[67]), "{series:?}");
    // Five minutes after the step the memory of 300 s still holds them; then they go.
    assert_eq!(series[74], series[69], "{series:?}");
    assert_eq!(series[77], 2, "{series:?}");
}

#[test]
fn target_tracking_waits_for_three_data_points() {
    let (_, tracking) = &Autoscaler::defaults()[4];
    let series = totals(&run(tracking.clone(), 30));
    assert_eq!(series[60..63], [series[60]; 3], "{series:?}");
    assert!(series[64] > series[60], "{series:?}");
}

#[test]
fn knative_and_keda_go_to_zero_and_come_back_with_a_held_request() {
    for (name, by) in Autoscaler::defaults().into_iter().filter(|(_, by)| by.least() == 0) {
        let arrivals = vec![0, 3_000 * SECOND];
        let scenario = Scenario {
            arrivals: Arrivals::Trace(Arc::new(Trace::new(arrivals, Vec::new(), Vec::new()).unwrap())),
            service: Service::Law(Law::Constant(Nanos::from_secs(1))),
            cpu: None,
            start_up: StartUp::Before(Law::Constant(Nanos::from_secs(3))),
            policy: Policy::Autoscaled { by, min_instances: 0, max_instances: 10 },
            concurrency: 10,
            routing: Routing::MostRecent,
            queue: UNBOUNDED,
            max_queue: 100,
            horizon: Some(Nanos::from_secs(6_000)),
            warm_up: Nanos(0),
            meter: Meter::Requests { quantum: Nanos::from_micros(100_000) },
            pre_started: 0,
            nodes: None,
            sample_every: Some(Nanos::from_secs(10)),
            seed: 1,
        };
        let o = simulate(&scenario, 0).unwrap();
        assert_eq!((o.served, o.cold_starts), (2, 2), "{name}");
        assert_eq!(o.latency.max_ns, 4 * SECOND, "{name}");
        let held = o.ledger.held_ns / u128::from(2 * SECOND);
        let expected = match name {
            // 3 s to start, 1 s of service, 15 minutes.
            "cloud-run" => 904..=904,
            // The stable window and the grace period.
            "knative" => 90..=100,
            // Read every 15 s, 300 s of cool-down.
            _ => 300..=335,
        };
        assert!(expected.contains(&held), "{name}: {held} s");
    }
}

#[test]
fn a_request_waits_for_cloud_run_no_longer_than_its_limit() {
    let (_, by) = Autoscaler::defaults()[0].clone();
    let arrivals = (0..100).map(|n| n * SECOND / 10).collect();
    let scenario = Scenario {
        arrivals: Arrivals::Trace(Arc::new(Trace::new(arrivals, Vec::new(), Vec::new()).unwrap())),
        service: Service::Law(Law::Constant(Nanos::from_secs(4))),
        cpu: None,
        start_up: StartUp::Before(Law::Constant(Nanos(0))),
        policy: Policy::Autoscaled { by, min_instances: 0, max_instances: 2 },
        concurrency: 1,
        routing: Routing::MostRecent,
        queue: UNBOUNDED,
        max_queue: 1_000,
        horizon: Some(Nanos::from_secs(60)),
        warm_up: Nanos(0),
        meter: Meter::Requests { quantum: Nanos::from_micros(100_000) },
        pre_started: 0,
        nodes: None,
        sample_every: None,
        seed: 1,
    };
    let o = simulate(&scenario, 0).unwrap();
    assert_eq!(o.served + o.rejected, 100);
    // Two at a time, 4 s each, over the 10 s of arrivals and the 10 s that the last may wait.
    assert_eq!(o.served, 10, "{} rejected", o.rejected);
    assert!(o.wait.max_ns <= 10 * SECOND);
}
