//! Nodes that instances are placed on, and what they take on the platforms that have them.
//!
//! # Sources
//! kubernetes/autoscaler `cluster-autoscaler/FAQ.md` (scans, how long an unneeded node stays); Karpenter's
//! `concepts/disruption.md` (an empty node goes at once). How long a node takes to start is promised by no vendor: ranges that
//! are assumed, and said to be.

use crate::{assumption::Assumption, law::Law, time::Nanos};

/// Nodes that instances are placed on: each on the fullest that has room, in the order of their starts.
///
/// Where there is no room an instance waits, and counts as starting.
#[derive(Debug, Clone, PartialEq)]
pub struct Nodes {
    /// instances that one holds
    pub each: u64,
    /// how long one takes from when it is asked for until instances can start on it
    pub start_up: Law,
    /// how long one stays without any
    pub idle_after: Nanos,
    /// how often the autoscaler of nodes looks
    pub scan: Nanos,
    /// never fewer
    pub min: u64,
}

/// What nodes take on a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodePreset {
    /// its name
    pub id: &'static str,
    /// the shortest and the longest start, in seconds; in between all are as likely
    start_up_s: (u64, u64),
    /// how long an empty one stays, in seconds
    idle_after_s: u64,
    /// how often the autoscaler of nodes looks, in seconds
    scan_s: u64,
    /// what no source says, with places for these values
    says: [&'static str; 2],
}

/// What nodes take, by platform.
pub const NODE_PRESETS: [NodePreset; 4] = [
    NodePreset {
        id: "ec2-karpenter",
        start_up_s: (40, 60),
        idle_after_s: 0,
        scan_s: 1,
        says: [
            "nodes: Karpenter asks for nodes once a second (it gathers pods for 1 s to 10 s), and they take {from} s to {to} s",
            "nodes: an empty node goes within a second; pods are not moved to empty others",
        ],
    },
    NodePreset {
        id: "ec2-cluster-autoscaler",
        start_up_s: (90, 180),
        idle_after_s: 600,
        scan_s: 10,
        says: [
            "nodes: the cluster autoscaler looks every {scan} s, and a node of its group takes {from} s to {to} s",
            "nodes: a node goes when it was empty for {minutes} minutes; pods are not moved to empty others",
        ],
    },
    NodePreset {
        id: "gke",
        start_up_s: (60, 120),
        idle_after_s: 600,
        scan_s: 10,
        says: [
            "nodes: GKE's cluster autoscaler looks every {scan} s, and a node takes {from} s to {to} s",
            "nodes: a node goes when it was empty for {minutes} minutes; pods are not moved to empty others",
        ],
    },
    NodePreset {
        id: "gke-autopilot",
        start_up_s: (10, 30),
        idle_after_s: 600,
        scan_s: 10,
        says: [
            "nodes: Autopilot's container-optimised nodes take {from} s to {to} s, looked for every {scan} s",
            "nodes: Autopilot holds an empty node for {minutes} minutes, at no charge",
        ],
    },
];

impl NodePreset {
    /// The preset of this name.
    pub fn named(id: &str) -> Option<&'static Self> {
        NODE_PRESETS.iter().find(|preset| preset.id == id)
    }

    /// What no source says, and is therefore assumed.
    pub fn assumptions(&self) -> Vec<Assumption> {
        let (from, to) = self.start_up_s;
        let values = [("from", from), ("to", to), ("scan", self.scan_s), ("minutes", self.idle_after_s / 60)];
        let values = values.map(|(name, value)| (name, value.to_string()));
        self.says.map(|template| Assumption { template, values: values.to_vec() }).into()
    }

    /// Nodes that hold so many instances each, and none of which is kept.
    pub fn nodes(&self, each: u64) -> Nodes {
        let (from, to) = self.start_up_s;
        Nodes {
            each,
            start_up: Law::Uniform { from: Nanos::from_secs(from), to: Nanos::from_secs(to) },
            idle_after: Nanos::from_secs(self.idle_after_s),
            scan: Nanos::from_secs(self.scan_s),
            min: 0,
        }
    }
}
