//! Nodes, worked out by hand, and what an autoscaler of pods makes of having to wait for them.

mod common;

use std::sync::Arc;

use wharfage_sim::{
    Arrivals, Law, Meter, NODE_PRESETS, Nanos, NodePreset, Nodes, Policy, Rate, Sample, Scenario, Service, StartUp,
    Trace, UNBOUNDED, autoscaler::Autoscaler, simulate,
};

use common::plain;

const SECOND: u64 = 1_000_000_000;

fn secs(s: u64) -> Nanos {
    Nanos::from_secs(s)
}

fn constant(s: u64) -> Law {
    Law::Constant(secs(s))
}

/// Requests at 3, 4 and 5 s, an instance for each, which starts for 1 s, serves for 2 s and is held for 20 s.
fn scenario(nodes: Nodes) -> Scenario {
    let arrivals = [3, 4, 5].map(|s| s * SECOND).to_vec();
    let arrivals = Arrivals::Trace(Arc::new(Trace::new(arrivals, Vec::new(), Vec::new()).unwrap()));
    let policy = Policy::ScaleToZero { idle_after: constant(20), min_instances: 0, max_instances: u64::MAX };
    Scenario {
        start_up: StartUp::Before(constant(1)),
        nodes: Some(nodes),
        queue: 0,
        max_queue: 10,
        horizon: Some(secs(1_000)),
        meter: Meter::Nodes { increment: secs(60), minimum: Nanos(0) },
        sample_every: Some(secs(100)),
        ..plain(arrivals, Service::Law(constant(2)), policy)
    }
}

/// Nodes for two instances each that start for 60 s and stay for ten minutes, looked for every 10 s.
fn nodes() -> Nodes {
    Nodes { each: 2, start_up: constant(60), idle_after: secs(600), scan: secs(10), min: 0 }
}

#[test]
fn instances_wait_for_a_scan_a_node_and_their_own_start() {
    let o = simulate(&scenario(nodes()), 0).unwrap();
    // Asked for at the scan of 10 s, two nodes are ready at 70 s, the instances at 71 s, the requests served at 73 s.
    assert_eq!([o.requests, o.served, o.cold_starts], [3, 3, 3]);
    assert_eq!([o.latency.max_ns, o.wait.max_ns], [70 * SECOND, 68 * SECOND]);
    assert_eq!(o.latency.sum_ns, u128::from((70 + 69 + 68) * SECOND));
    // Waiting for a node counts as starting: 3–71, 4–71, 5–71; idle 73–93.
    let s = u128::from(SECOND);
    assert_eq!([o.ledger.starting_ns, o.ledger.busy_ns, o.ledger.idle_ns], [(68 + 67 + 66) * s, 6 * s, 60 * s]);
    // Both are empty from 93 s on, and go at the first scan at 693 s or later: 10–700, in minutes 12 each.
    assert_eq!([o.node_ns, o.metered_ns, o.billed_ns], [2 * 690 * s, 2 * 690 * s, 2 * 720 * s]);
    assert_eq!([o.peak_nodes, o.billed_periods], [2, 2]);
    let there: Vec<u64> = o.series.iter().map(|n| n.nodes).collect();
    assert_eq!(there, [0, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0]);
    // The lives of pods begin on their nodes: 70–93.
    let life = Meter::Life { increment: secs(1), minimum: Nanos(0) };
    let o = simulate(&Scenario { meter: life, ..scenario(nodes()) }, 0).unwrap();
    assert_eq!([o.metered_ns, o.billed_ns], [3 * 23 * s, 3 * 23 * s]);
}

#[test]
fn empty_nodes_go_at_once_or_stay_as_a_minimum_says() {
    let s = u128::from(SECOND);
    // Empty from 93 s on: gone at the scan of 100 s.
    let o = simulate(&scenario(Nodes { idle_after: Nanos(0), ..nodes() }), 0).unwrap();
    assert_eq!(o.node_ns, 2 * 90 * s);
    // One is there from the beginning, and takes the first two instances (3–26, 4–27). The third is placed when the first has
    // gone, serves 27–29 and goes at 49 s. The node that was asked for at 10 s comes at 70 s for nobody.
    let o = simulate(&scenario(Nodes { min: 1, ..nodes() }), 0).unwrap();
    assert_eq!([o.wait.max_ns, o.peak_nodes], [22 * SECOND, 2]);
    assert_eq!(o.latency.sum_ns, u128::from((3 + 3 + 24) * SECOND));
    // The first is empty longest, and goes at 650 s; the other is the one that stays.
    assert_eq!(o.node_ns, 650 * s + 990 * s);
    // Instances that are up before the run have nodes.
    let o = simulate(&Scenario { pre_started: 3, ..scenario(nodes()) }, 0).unwrap();
    assert_eq!([o.cold_starts, o.latency.max_ns, o.peak_nodes], [0, 2 * SECOND, 2]);
}

#[test]
fn room_that_an_instance_leaves_is_taken_by_one_that_waits() {
    // One instance fits. The first is up at 71 s, serves until 73 s and is held until 93 s; then the second starts.
    let one = Nodes { each: 1, start_up: constant(60), idle_after: secs(600), scan: secs(500), min: 1 };
    let o = simulate(&scenario(one), 0).unwrap();
    // 3–6–26, then 26–29–49 (the request of 4 s), then 49–52 (that of 5 s): before the scan of 500 s asks for more nodes.
    assert_eq!(o.latency.sum_ns, u128::from((3 + 25 + 47) * SECOND));
    assert_eq!(o.peak_nodes, 1);
}

fn hpa_on(nodes: Option<Nodes>) -> Vec<Sample> {
    let (_, by) = Autoscaler::defaults()[2].clone();
    let load = [(600, 20), (1_200, 100), (1_800, 20)];
    let steps = load.map(|(lasts, n)| wharfage_sim::Step { lasts: secs(lasts), rate: Rate::new(n, secs(1)) });
    let s = Scenario {
        arrivals: Arrivals::Steps(steps.to_vec()),
        service: Service::Law(Law::Constant(Nanos(SECOND / 5))),
        policy: Policy::Autoscaled { by, min_instances: 2, max_instances: 40 },
        pre_started: 2,
        concurrency: 4,
        queue: UNBOUNDED,
        max_queue: 10_000_000,
        horizon: Some(secs(3_600)),
        sample_every: Some(secs(10)),
        ..scenario(nodes.clone().unwrap_or_else(self::nodes))
    };
    let o = simulate(&Scenario { nodes, ..s }, 0).unwrap();
    assert!(o.ledger.balances());
    assert_eq!(o.served + o.rejected, o.requests);
    o.series
}

#[test]
fn pods_of_an_autoscaler_wait_longest_where_nodes_start_slowest() {
    let waiting = |nodes| hpa_on(nodes).iter().map(|s| s.queued).sum::<u64>();
    let without = waiting(None);
    let with: Vec<u64> = ["gke-autopilot", "ec2-karpenter", "ec2-cluster-autoscaler"]
        .map(|id| waiting(Some(NodePreset::named(id).unwrap().nodes(2))))
        .to_vec();
    assert!(without < with[0] && with[0] < with[1] && with[1] < with[2], "{without} {with:?}");
}

#[test]
fn each_preset_says_what_it_assumes() {
    for preset in &NODE_PRESETS {
        assert_eq!(NodePreset::named(preset.id), Some(preset));
        let Law::Uniform { from, to } = preset.nodes(3).start_up else { panic!("{} starts at random", preset.id) };
        let said = preset.assumptions()[0].to_string();
        assert!(from < to && said.contains(&format!(" {} s", from.0 / SECOND)), "{said}");
    }
    assert_eq!(NodePreset::named("mainframe"), None);
}
