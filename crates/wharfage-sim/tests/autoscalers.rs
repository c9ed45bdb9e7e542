//! Autoscalers in a run: one day's trace with a tenfold step, and what each makes of it.

mod common;

use std::sync::Arc;

use wharfage_sim::{
    Arrivals, Cpu, Law, Meter, Nanos, Outcome, Policy, Scenario, Service, StartUp, Trace,
    autoscaler::{AppRunner, Autoscaler, Change, CloudRun, Hpa, Kind, Knative, TargetTracking, Value},
    simulate,
};

use common::plain;

const SECOND: u64 = 1_000_000_000;

/// Requests of 200 ms: 20 a second for an hour, 200 for ten minutes, 20 again; evenly spaced.
fn step() -> Trace {
    let quiet = |from: u64, seconds: u64| (0..20 * seconds).map(move |n| from * SECOND + n * SECOND / 20);
    let busy = (0..200 * 600_u64).map(|n| 3_600 * SECOND + n * SECOND / 200);
    Trace::new(quiet(0, 3_600).chain(busy).chain(quiet(4_200, 3_000)).collect(), Vec::new(), Vec::new()).unwrap()
}

/// Requests as recorded, each of which takes so many milliseconds on an instance that starts for so many seconds.
fn scenario(trace: Trace, service_ms: u64, start_up: u64, by: Autoscaler) -> Scenario {
    let service = Service::Law(Law::Constant(Nanos::from_micros(service_ms * 1_000)));
    let policy = Policy::Autoscaled { min_instances: by.least(), by, max_instances: 40 };
    Scenario {
        start_up: StartUp::Before(Law::Constant(Nanos::from_secs(start_up))),
        concurrency: 4,
        horizon: Some(Nanos::from_secs(7_200)),
        sample_every: Some(Nanos::from_secs(60)),
        ..plain(Arrivals::Trace(Arc::new(trace)), service, policy)
    }
}

/// An autoscaler with some of its parameters changed.
fn with<S: Default>(change: impl FnOnce(&mut S)) -> S {
    let mut scaler = S::default();
    change(&mut scaler);
    scaler
}

/// Requests that arrive at these milliseconds.
fn at_ms(ms: impl IntoIterator<Item = u64>) -> Trace {
    Trace::new(ms.into_iter().map(|ms| ms * SECOND / 1_000).collect(), Vec::new(), Vec::new()).unwrap()
}

fn run(by: Autoscaler, start_up: u64) -> Outcome {
    simulate(&scenario(step(), 200, start_up, by), 0).unwrap()
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
fn hpa_acts_on_a_metric_as_old_as_it_is() {
    let ten_at = |metric_age| {
        let by = Autoscaler::Hpa(with(|s: &mut Hpa| s.metric_age = Nanos::from_secs(metric_age)));
        let s = Scenario { sample_every: Some(Nanos::from_secs(5)), ..scenario(step(), 200, 5, by) };
        let series = totals(&simulate(&s, 0).unwrap());
        (720..).find(|n| series[*n] >= 10).unwrap() as u64 * 5
    };
    // From 2 pods to 4, 7 and 12: each of three decisions is later by as much.
    assert_eq!((ten_at(15) - ten_at(0), ten_at(45) - ten_at(15)), (3 * 15, 3 * 30));
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
        let s = Scenario {
            concurrency: 10,
            horizon: Some(Nanos::from_secs(6_000)),
            ..scenario(at_ms([0, 3_000_000]), 1_000, 3, by)
        };
        let o = simulate(&s, 0).unwrap();
        assert_eq!((o.served, o.cold_starts), (2, 2), "{name}");
        assert_eq!(o.latency.max_ns, 4 * SECOND, "{name}");
        let held = o.ledger.held_ns / u128::from(2 * SECOND);
        let expected = match name {
            // 3 s to start, 1 s of service, 15 minutes.
            "cloud-run" => 904..=904,
            // The stable window and the grace period.
            "knative" => 90..=100,
            // Looked at every 30 s, 300 s of cool-down.
            _ => 300..=335,
        };
        assert!(expected.contains(&held), "{name}: {held} s");
    }
}

#[test]
fn a_request_waits_for_cloud_run_no_longer_than_its_limit() {
    // Two instances that take one request of 4 s at a time, and ten requests a second for 10 s.
    let trace = || at_ms((0..100).map(|n| n * 100));
    let busy = |start_up| {
        let by = Autoscaler::CloudRun(CloudRun::default());
        let s = scenario(trace(), 4_000, start_up, by.clone());
        let policy = Policy::Autoscaled { by, min_instances: 0, max_instances: 2 };
        let o = simulate(&Scenario { concurrency: 1, policy, ..s }, 0).unwrap();
        assert_eq!(o.served + o.rejected, 100);
        o
    };
    // Two at a time, 4 s each, over the 10 s of arrivals and the 10 s that the last may wait.
    let o = busy(0);
    assert_eq!(o.served, 10, "{} rejected", o.rejected);
    assert!(o.wait.max_ns <= 10 * SECOND);
    // Where instances take 4 s to start, requests wait for 14 s: some are served at 4, 8, 12, 16 and 20 s, not at 24 s.
    let o = busy(4);
    assert_eq!(o.served, 10, "{} rejected", o.rejected);
    assert!(o.wait.max_ns > 13 * SECOND && o.wait.max_ns <= 14 * SECOND);
}

#[test]
fn a_request_gives_up_on_an_instance_that_takes_too_long_to_start() {
    // Nineteen starts of nothing and one of 40 s would average 2 s; a law with such a tail: most start at once, some in a minute.
    let by = Autoscaler::CloudRun(CloudRun::default());
    let slow = Law::Hyperexponential { mean: Nanos::from_secs(2), cv: 5.0 };
    let trace = at_ms((0..2_000).map(|n| n * 2_000_000));
    let s = Scenario { start_up: StartUp::Before(slow), horizon: None, ..scenario(trace, 100, 0, by) };
    let o = simulate(&s, 0).unwrap();
    assert_eq!((o.cold_starts, o.served + o.rejected), (2_000, 2_000));
    assert!(o.rejected > 20 && o.wait.max_ns <= 10 * SECOND, "{} rejected", o.rejected);
    assert!(o.ledger.balances());
}

#[test]
fn cloud_run_adds_instances_where_the_cpu_is_busy_though_there_is_room() {
    // Ten requests a second that each need the CPU for 90 ms: nine tenths of a vCPU, and a concurrency of 80 never fills.
    let by = || Autoscaler::CloudRun(CloudRun::default());
    let trace = || at_ms((0..6_000).map(|n| n * 100));
    let s = Scenario { concurrency: 80, ..scenario(trace(), 90, 0, by()) };
    let cpu = Cpu { time: None, milli_vcpus: 1_000 };
    let (without, with) = (simulate(&s, 0).unwrap(), simulate(&Scenario { cpu: Some(cpu.clone()), ..s }, 0).unwrap());
    assert_eq!((without.peak_held, with.peak_held), (1, 2));
    let mut relaxed = by();
    relaxed.aim_at(0.95);
    let s = Scenario { concurrency: 80, cpu: Some(cpu), ..scenario(trace(), 90, 0, relaxed) };
    assert_eq!(simulate(&s, 0).unwrap().peak_held, 1);
}

#[test]
fn cloud_run_may_hold_idle_instances_for_times_at_random() {
    let idle_after = Law::Uniform { from: Nanos(0), to: Nanos::from_secs(900) };
    let by = Autoscaler::CloudRun(with(|s: &mut CloudRun| s.idle_after = idle_after));
    let held = by.assumptions()[0].to_string();
    assert!(held.contains("0 s to 900 s"), "{held}");
    // A request an hour for 1,000 hours: each instance is held for 450 s on average, give or take a quarter of that a root of 1,000.
    let s = Scenario { horizon: None, ..scenario(at_ms((0..1_000).map(|n| n * 3_600_000)), 1_000, 1, by) };
    let o = simulate(&s, 0).unwrap();
    let idle = o.ledger.idle_ns as f64 / 1e12;
    assert!((idle - 450.0).abs() < 4.0 * 900.0 / 12_f64.sqrt() / 1_000_f64.sqrt(), "{idle}");
    assert_eq!(o.cold_starts, 1_000);
}

/// How many instances there are at these seconds.
fn held_at(s: &Scenario, seconds: &[u64]) -> Vec<u64> {
    let o = simulate(&Scenario { sample_every: Some(Nanos::from_secs(1)), ..s.clone() }, 0).unwrap();
    seconds.iter().map(|s| o.series[*s as usize].running + o.series[*s as usize].idle).collect()
}

#[test]
fn a_new_revision_of_knative_begins_with_its_initial_scale_and_keeps_what_it_finds_for_a_stable_window() {
    let knative = |initial_scale| Autoscaler::Knative(with(|s: &mut Knative| s.initial_scale = initial_scale));
    let quiet = |by| scenario(at_ms([3_600_000]), 1_000, 2, by);
    // From the first decision at 1 s on, until they are ready at 3 s; the last goes a stable window and the grace period later.
    assert_eq!(held_at(&quiet(knative(3)), &[0, 1, 2, 3, 64, 92, 95]), [0, 3, 3, 1, 1, 1, 0]);
    assert_eq!(held_at(&quiet(knative(0)), &[2, 60]), [0, 0]);
    // Eight are there: it begins in panic, and when that is over lets go half of them at a time.
    let found = Scenario { pre_started: 8, ..quiet(knative(1)) };
    assert_eq!(held_at(&found, &[1, 30, 60, 62, 64, 66]), [8, 8, 8, 4, 2, 1]);
    // One that is woken wakes as many as its activation scale says.
    let by = Autoscaler::Knative(with(|s: &mut Knative| (s.activation_scale, s.initial_scale) = (4, 0)));
    assert_eq!(held_at(&scenario(at_ms([600_000]), 20_000, 2, by), &[599, 605, 680, 720]), [0, 4, 4, 0]);
}

#[test]
fn app_runner_serves_from_what_is_provisioned_without_a_cold_start() {
    let by = Autoscaler::AppRunner(AppRunner::default());
    assert_eq!((by.least(), by.most()), (1, 25));
    let s = Scenario {
        pre_started: 1,
        meter: Meter::Active { increment: Nanos::from_secs(1), minimum: Nanos::from_secs(60) },
        horizon: Some(Nanos::from_secs(3_600)),
        ..scenario(at_ms([600_000, 630_000, 1_200_500]), 1_500, 20, by)
    };
    let o = simulate(&s, 0).unwrap();
    assert_eq!((o.cold_starts, o.wait.max_ns), (0, 0));
    // Active three times for 1.5 s, each with a minute, of which the first two are one time of 90 s; provisioned for the hour.
    assert_eq!([o.metered_ns, o.billed_ns], [4_500_000_000, 150_000_000_000]);
    assert_eq!(o.ledger.held_ns, u128::from(3_600 * SECOND));
    assert_eq!(o.warm_ns, o.ledger.held_ns - o.metered_ns);
}

#[test]
fn groups_of_ec2_instances_scale_in_later_than_ecs_services() {
    let mut ecs = with(|s: &mut TargetTracking| s.target = 50.0);
    let mut group = TargetTracking::of_a_group();
    group.target = 50.0;
    // 40 % is below nine tenths of 50 %, and above seven tenths of it.
    for minute in 0..14 {
        assert_eq!(ecs.step(Nanos::from_secs(60 * minute), 10, 40.0), None);
        assert_eq!(group.step(Nanos::from_secs(60 * minute), 10, 40.0), None);
    }
    assert_eq!(ecs.step(Nanos::from_secs(840), 10, 40.0), Some(8));
    assert_eq!(group.step(Nanos::from_secs(840), 10, 40.0), None);
    // A scale-out acts at once during the scale-in's cool-down, and ends it.
    for minute in 15..17 {
        assert_eq!(ecs.step(Nanos::from_secs(60 * minute), 8, 90.0), None);
    }
    assert_eq!(ecs.step(Nanos::from_secs(60 * 17), 8, 90.0), Some(15));
}

#[test]
fn what_is_assumed_is_said_with_the_values_it_has() {
    for (name, mut by) in Autoscaler::defaults() {
        by.aim_at(0.37);
        let all: Vec<String> = by.assumptions().iter().map(ToString::to_string).collect();
        assert!(!all.is_empty(), "{name}");
        assert!(name == "app-runner" || all.iter().any(|text| text.contains("37 %")), "{name}: {all:?}");
    }
}

/// What a parameter of a kind can be at least and at most.
fn extremes(kind: &Kind) -> Vec<Value> {
    match kind {
        Kind::Time(r, _) | Kind::Seconds(r, _) => [*r.start(), *r.end()].map(Value::Time).into(),
        Kind::Whole(r, _) => [*r.start(), *r.end()].map(Value::Whole).into(),
        Kind::Number(r, _) => [*r.start(), *r.end()].map(Value::Number).into(),
        Kind::Percent(r, _) => [*r.start(), *r.end()].map(|x| Value::Number(x / 100.0)).into(),
        Kind::Share(_) => [1e-18, 1.0].map(Value::Number).into(),
        Kind::Law(_) => [Nanos(0), Nanos::NEVER].map(|at| Value::Law(Law::Constant(at))).into(),
        Kind::Limits(_) => [1, 1_000_000]
            .into_iter()
            .flat_map(|n| [Change::Pods(n, Nanos::from_secs(1)), Change::Percent(n, Nanos::from_secs(1_800))])
            .map(|change| Value::Limits(vec![change]))
            .collect(),
    }
}

#[test]
fn no_parameter_within_its_bounds_breaks_a_run() {
    for (name, default) in Autoscaler::defaults() {
        for parameter in default.parameters() {
            for value in extremes(&parameter.kind) {
                let told = format!("{name}: {} = {value:?}", parameter.name);
                let mut by = default.clone();
                parameter.set(&mut by, value);
                let o = simulate(&scenario(at_ms((0..600).map(|n| n * 50)), 200, 5, by), 0).unwrap();
                assert_eq!(o.served + o.rejected, 600, "{told}");
                assert!(o.ledger.balances() && o.peak_held <= 40, "{told}: {:?}", o.ledger);
            }
        }
    }
}
