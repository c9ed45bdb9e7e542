//! What holds for any configuration: the ledger balances, no request is lost, and results do not depend on threads or units.

mod common;

use std::sync::Arc;

use proptest::prelude::*;
use wharfage_sim::{
    Arrivals, Cpu, Law, Meter, Nanos, Nodes, Outcome, Policy, Rate, Routing, Scenario, Service, StartUp, Step, Trace,
    UNBOUNDED, Watch, autoscaler::Autoscaler, replicate, simulate, simulate_plainly,
};

use common::plain;

fn ms(n: u64) -> Nanos {
    Nanos::from_micros(n * 1000)
}

fn rate() -> impl Strategy<Value = Rate> {
    (1_u64..200).prop_map(|n| Rate::new(n, Nanos::from_secs(10)))
}

fn arrivals() -> impl Strategy<Value = Arrivals> {
    prop_oneof![
        rate().prop_map(Arrivals::Constant),
        rate().prop_map(Arrivals::Poisson),
        (1_u64..500, 0.1_f64..3.0).prop_map(|(n, cv)| Arrivals::Renewal(Law::Gamma { mean: ms(n), cv })),
        rate().prop_map(|mean| Arrivals::Diurnal {
            mean,
            amplitude: 0.9,
            period: Nanos::from_secs(30),
            peak_at: Nanos(0)
        }),
        (rate(), rate()).prop_map(|(a, b)| Arrivals::Steps(vec![
            Step { lasts: ms(700), rate: a },
            Step { lasts: ms(5_000), rate: b },
        ])),
        (rate(), rate()).prop_map(|(a, b)| Arrivals::Mmpp { rates: [a, b], stays: [ms(900), ms(2_000)] }),
    ]
}

fn law() -> impl Strategy<Value = Law> {
    let mean = (0_u64..3_000).prop_map(ms);
    prop_oneof![
        mean.clone().prop_map(Law::Constant),
        mean.clone().prop_map(Law::Exponential),
        mean.prop_map(|m| Law::lognormal(m, 1.5)),
    ]
}

fn policy() -> impl Strategy<Value = Policy> {
    let idle = prop_oneof![
        Just(Law::Constant(Nanos(0))),
        Just(Law::Constant(Nanos::NEVER)),
        (0_u64..9_000).prop_map(|n| Law::Uniform { from: Nanos(0), to: ms(n) }),
        law(),
    ];
    prop_oneof![
        (idle, 0_u64..4, prop_oneof![1_u64..6, Just(u64::MAX)]).prop_map(
            |(idle_after, min_instances, max_instances)| {
                Policy::ScaleToZero { idle_after, min_instances, max_instances }
            }
        ),
        (1_u64..9).prop_map(|replicas| Policy::AlwaysOn { replicas }),
        (0_usize..6, 0_u64..3, 3_u64..9).prop_map(|(n, min_instances, max_instances)| {
            let by = Autoscaler::defaults()[n].1.clone();
            Policy::Autoscaled { min_instances: min_instances.max(by.least()), by, max_instances }
        }),
    ]
}

fn meter() -> impl Strategy<Value = Meter> {
    let minimum = prop_oneof![Just(Nanos(0)), (0_u64..3_000).prop_map(ms)];
    (0_usize..4, (1_u64..2_000).prop_map(ms), minimum).prop_map(|(what, increment, minimum)| match what {
        0 => Meter::Requests { quantum: increment },
        1 => Meter::Active { increment, minimum },
        2 => Meter::Life { increment, minimum },
        _ => Meter::Nodes { increment, minimum },
    })
}

fn nodes() -> impl Strategy<Value = Nodes> {
    let times = ((0_u64..9_000).prop_map(ms), (1_u64..5_000).prop_map(ms));
    (1_u64..5, law(), times, 0_u64..3).prop_map(|(each, start_up, (idle_after, scan), min)| Nodes {
        each,
        start_up,
        idle_after,
        scan,
        min,
    })
}

fn scenario() -> impl Strategy<Value = Scenario> {
    let routing = prop_oneof![Just(Routing::MostRecent), Just(Routing::Newest), Just(Routing::LeastRecent)];
    let start_up = prop_oneof![law().prop_map(StartUp::Before), law().prop_map(StartUp::Within)];
    let queue = prop_oneof![Just(0), 1_u64..20, Just(UNBOUNDED)];
    let times = (5_u64..60, 0_u64..70, any::<u64>(), 0_u64..5, meter(), prop::option::of(nodes()));
    let cpu = prop_oneof![
        Just(None),
        (law(), 100_u64..3_000).prop_map(|(time, milli_vcpus)| Some(Cpu { time: Some(time), milli_vcpus })),
        (100_u64..3_000).prop_map(|milli_vcpus| Some(Cpu { time: None, milli_vcpus })),
    ];
    (arrivals(), (law(), cpu), start_up, policy(), 1_u32..5, routing, queue, times).prop_map(
        |(
            arrivals,
            (law, cpu),
            start_up,
            policy,
            concurrency,
            routing,
            queue,
            (horizon, warm_up, seed, pre_started, meter, nodes),
        )| Scenario {
            arrivals,
            service: Service::Law(law),
            cpu,
            start_up,
            policy,
            concurrency,
            routing,
            queue,
            max_queue: 1_000_000,
            horizon: Some(Nanos::from_secs(horizon)),
            warm_up: Nanos::from_secs(warm_up.min(horizon)),
            meter,
            pre_started,
            nodes,
            sample_every: None,
            seed,
        },
    )
}

fn check(s: &Scenario, o: &Outcome) -> Result<(), TestCaseError> {
    prop_assert!(o.ledger.balances(), "{:?}", o.ledger);
    prop_assert_eq!(o.served + o.rejected, o.requests);
    prop_assert_eq!(o.latency.count, o.served);
    // A request that starts an instance may give it up later where there is a limit to waiting.
    let gives_up = matches!(&s.policy, Policy::Autoscaled { by, .. } if by.pending_limit(Nanos(0)) != Nanos::NEVER);
    let rejected = if gives_up { 0 } else { o.rejected };
    prop_assert!(o.cold_starts + rejected <= o.requests);
    prop_assert!(o.peak_busy <= o.peak_held);
    prop_assert!(o.ledger.held_ns <= u128::from(o.peak_held) * o.span_ns);
    prop_assert!(o.wait.max_ns <= o.latency.max_ns);
    check_meter(s, o)?;
    let least = s.nodes.as_ref().map_or(0, |nodes| u128::from(nodes.min) * o.span_ns);
    prop_assert!(least <= o.node_ns && o.node_ns <= u128::from(o.peak_nodes) * o.span_ns);
    if let Policy::AlwaysOn { replicas } = &s.policy {
        prop_assert_eq!(o.ledger.held_ns, u128::from(*replicas) * o.span_ns);
        prop_assert_eq!(o.cold_starts, 0);
    }
    Ok(())
}

/// What is billed is what is metered, rounded up once per period.
fn check_meter(s: &Scenario, o: &Outcome) -> Result<(), TestCaseError> {
    let l = &o.ledger;
    let (whole, increment, minimum) = match s.meter {
        Meter::Requests { quantum } => {
            prop_assert_eq!(o.billed_periods, o.served);
            (None, quantum, Nanos(0))
        }
        Meter::Active { increment, minimum } => (Some(l.starting_ns + l.busy_ns), increment, minimum),
        // What waits for a node is not on it.
        Meter::Life { increment, minimum } => (s.nodes.is_none().then_some(l.held_ns), increment, minimum),
        Meter::Nodes { increment, minimum } => (Some(o.node_ns), increment, minimum),
    };
    if let (Meter::Life { .. }, Some(nodes)) = (s.meter, &s.nodes) {
        prop_assert!(l.busy_ns + l.idle_ns <= o.metered_ns && o.metered_ns <= l.held_ns);
        prop_assert!(o.metered_ns <= o.node_ns * u128::from(nodes.each));
    }
    prop_assert_eq!(o.metered_ns, whole.unwrap_or(o.metered_ns));
    prop_assert!(o.metered_ns <= o.billed_ns);
    // Stretches that begin within a minimum go on with it, through what is idle between them.
    let (most, each) = match s.meter {
        Meter::Active { .. } if minimum.0 > 0 => (l.held_ns, increment.0 + minimum.0),
        _ => (o.metered_ns, increment.0.max(minimum.0)),
    };
    prop_assert!(o.billed_ns <= most + u128::from(o.billed_periods) * u128::from(each));
    prop_assert!(o.billed_ns >= u128::from(o.billed_periods) * u128::from(minimum.0));
    if minimum.0 == 0 {
        prop_assert_eq!(o.billed_ns % u128::from(increment.0), 0);
    }
    let (Policy::ScaleToZero { min_instances: min, .. }
    | Policy::Autoscaled { min_instances: min, .. }
    | Policy::AlwaysOn { replicas: min }) = &s.policy;
    prop_assert!(o.warm_ns <= l.idle_ns && o.warm_ns <= u128::from(*min) * o.span_ns);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_ledger_balances_and_no_request_is_lost(s in scenario()) {
        check(&s, &simulate(&s, 0).unwrap())?;
    }

    #[test]
    fn the_calendar_and_the_heap_give_the_same_outcome(s in scenario()) {
        prop_assert_eq!(simulate(&s, 0), simulate_plainly(&s, 0));
    }

    #[test]
    fn counting_instances_changes_nothing(s in scenario(), every in (1_u64..3_000).prop_map(ms)) {
        let plain = simulate(&s, 0).unwrap();
        let counted = simulate(&Scenario { sample_every: Some(every), ..s.clone() }, 0).unwrap();
        prop_assert!(s.warm_up.0 > 0 || counted.series.iter().all(|n| n.nodes <= plain.peak_nodes));
        prop_assert_eq!(plain, Outcome { series: Vec::new(), ..counted });
    }

    #[test]
    fn room_on_nodes_that_are_there_at_once_is_as_good_as_no_nodes(s in scenario(), each in 1_u64..5) {
        let free = Nodes { each, start_up: Law::Constant(Nanos(0)), idle_after: Nanos(0), scan: Nanos(1), min: 0 };
        let with = simulate(&Scenario { nodes: Some(free), ..s.clone() }, 0).unwrap();
        let without = simulate(&Scenario { nodes: None, ..s }, 0).unwrap();
        prop_assert_eq!(with.ledger, without.ledger);
        prop_assert_eq!(with.latency.sum_ns, without.latency.sum_ns);
        prop_assert_eq!(with.cold_starts, without.cold_starts);
    }

    #[test]
    fn a_law_of_idling_that_always_gives_the_same_time_is_that_time(s in scenario(), idle in (0_u64..9_000).prop_map(ms)) {
        let (min_instances, max_instances) = (1, 6);
        let run = |idle_after| {
            let policy = Policy::ScaleToZero { idle_after, min_instances, max_instances };
            simulate(&Scenario { policy, ..s.clone() }, 0).unwrap()
        };
        prop_assert_eq!(run(Law::Constant(idle)), run(Law::Uniform { from: idle, to: idle }));
    }

    #[test]
    fn replications_do_not_depend_on_threads(s in scenario()) {
        let one = replicate(&s, 5, 1, &Watch::new()).unwrap();
        prop_assert_eq!(&one, &replicate(&s, 5, 3, &Watch::new()).unwrap());
        prop_assert!(one.all.ledger.balances());
    }

    #[test]
    fn a_workload_in_other_units_of_time_gives_the_same_counts(
        gaps in prop::collection::vec(0_u64..3_000, 1..60), times in prop::array::uniform3(0_u64..2_000),
        even in any::<bool>(), s in scenario()
    ) {
        let run = |unit: u64| {
            let mut at = 0;
            let recorded = gaps.iter().map(|gap| { at += gap * unit; at }).collect();
            let arrivals = if even {
                Arrivals::Constant(Rate::new(1, Nanos((gaps[0] + 1) * unit)))
            } else {
                Arrivals::Trace(Arc::new(Trace::new(recorded, Vec::new(), Vec::new()).unwrap()))
            };
            let law = |n: u64| Law::Constant(Nanos(n * unit));
            let policy = match s.policy {
                Policy::AlwaysOn { replicas } => Policy::AlwaysOn { replicas },
                // An autoscaler has times of its own.
                Policy::ScaleToZero { min_instances, max_instances, .. }
                | Policy::Autoscaled { min_instances, max_instances, .. } => {
                    Policy::ScaleToZero { idle_after: law(times[2]), min_instances, max_instances }
                }
            };
            let scenario = Scenario {
                arrivals,
                service: Service::Law(law(times[0])),
                cpu: None,
                start_up: StartUp::Before(law(times[1])),
                policy,
                horizon: even.then_some(Nanos(40_000 * unit)),
                warm_up: Nanos(0),
                meter: Meter::Requests { quantum: Nanos(unit) },
                nodes: s.nodes.as_ref().map(|nodes| Nodes {
                    start_up: law(times[0]),
                    idle_after: Nanos(times[1] * unit),
                    scan: Nanos((times[2] + 1) * unit),
                    ..nodes.clone()
                }),
                ..s.clone()
            };
            simulate(&scenario, 0).unwrap()
        };
        let (short, long) = (run(1), run(1_000_000));
        let counts = |o: &Outcome| [o.requests, o.served, o.cold_starts, o.waited, o.peak_busy, o.peak_held, o.events, o.ledger.busy_periods];
        prop_assert_eq!(counts(&short), counts(&long));
        prop_assert_eq!(short.ledger.held_ns * 1_000_000, long.ledger.held_ns);
        prop_assert_eq!(short.billed_ns * 1_000_000, long.billed_ns);
        prop_assert!(short.ledger.balances() && long.ledger.balances());
    }
}

/// Poisson 5/s, exponential service of 1 s, for 20,000 s.
fn base(policy: Policy) -> Scenario {
    let second = Nanos::from_secs(1);
    Scenario {
        start_up: StartUp::Before(Law::Constant(second)),
        queue: 0,
        max_queue: 10,
        horizon: Some(Nanos::from_secs(20_000)),
        seed: 7,
        ..plain(Arrivals::Poisson(Rate::new(5, second)), Service::Law(Law::Exponential(second)), policy)
    }
}

#[test]
fn instances_that_stop_at_once_make_every_start_cold() {
    let policy = Policy::ScaleToZero { idle_after: Law::Constant(Nanos(0)), min_instances: 0, max_instances: u64::MAX };
    let o = simulate(&base(policy), 0).unwrap();
    assert_eq!(o.cold_starts, o.requests);
    assert_eq!(o.ledger.idle_ns, 0);
    // What has not begun to be served when the horizon comes is served after it.
    assert!(o.served - o.ledger.busy_periods < 30, "{:?}", o.ledger);
}

#[test]
fn instances_that_never_stop_are_a_growing_fleet() {
    let policy =
        Policy::ScaleToZero { idle_after: Law::Constant(Nanos::NEVER), min_instances: 0, max_instances: u64::MAX };
    let o = simulate(&base(policy), 0).unwrap();
    assert_eq!(o.cold_starts, o.peak_held);
    assert_eq!(o.peak_held, o.peak_busy);
}

#[test]
fn demand_is_the_same_whatever_the_policy() {
    let few = simulate(&base(Policy::AlwaysOn { replicas: 2 }), 0).unwrap();
    let many = simulate(&base(Policy::AlwaysOn { replicas: 40 }), 0).unwrap();
    assert_eq!((few.requests, few.asked_ns), (many.requests, many.asked_ns));
    assert!(few.rejected > 0 && many.rejected == 0);
}

#[test]
fn a_run_that_is_ended_early_is_a_run_up_to_then() {
    let never_room = Policy::AlwaysOn { replicas: 4 };
    let (_, by) = Autoscaler::defaults()[0].clone();
    let idle_after = Law::Constant(Nanos::from_secs(9));
    for policy in [
        Policy::ScaleToZero { idle_after, min_instances: 1, max_instances: 9 },
        never_room,
        Policy::Autoscaled { by, min_instances: 0, max_instances: 20 },
    ] {
        let whole = Scenario { queue: 30, max_queue: 100, warm_up: Nanos::from_secs(40), ..base(policy) };
        let watch = Watch::new();
        watch.stop();
        let cut = replicate(&whole, 3, 2, &watch).unwrap().all;
        assert!(cut.cut && cut.end > Nanos::from_secs(1_000) && cut.end < Nanos::from_secs(19_000), "{:?}", cut.end);
        assert!(cut.ledger.balances());
        let short = simulate(&Scenario { horizon: Some(cut.end), ..whole }, 0).unwrap();
        assert_eq!(cut, Outcome { cut: true, ..short });
    }
}

#[test]
fn a_watch_sees_everything_that_is_done() {
    let (s, watch) = (base(Policy::AlwaysOn { replicas: 9 }), Watch::new());
    watch.expect(&s, 3);
    let all = replicate(&s, 3, 2, &watch).unwrap().all;
    assert_eq!((watch.done(), watch.requests(), all.cut), (1.0, all.requests, false));
}
