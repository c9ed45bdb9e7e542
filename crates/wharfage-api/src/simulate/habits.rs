//! How each platform scales: whose autoscaler it is, and how its instances start.
//!
//! # Sources
//! The autoscaling notes of 2026-11-22: App Runner's, Cloud Run's, ECS's and Kubernetes' documentation for which autoscaler it is;
//! third-party measurements and assumptions, as each text says, for how long a start takes. No vendor promises any of them.

use wharfage_core::{platform::Platform, tr};

/// How a platform scales.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// the policy that is its own; `None`: its autoscaler is not modelled, and a fleet is sized for the peak
    pub policy: Option<&'static str>,
    /// how long an instance takes to start, in the grammar of `--cold-start`
    pub start: &'static str,
    /// whose figure that is
    pub says: &'static str,
    /// is the image pulled whenever an instance starts
    pub pulls: Pulls,
    /// the preset of how its machines come and go, where it is made of nodes
    pub nodes: Option<&'static str>,
}

/// Is an image pulled at each start?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulls {
    /// each time
    Yes,
    /// it is cached, or streamed while it starts
    No,
}

/// A pod on a machine that is ready, its image cached.
const POD: (&str, &str) = (
    "uniform:from=1s,to=5s",
    tr!("an instance starts in 1 to 5 s on a machine that has its image, an assumption (--cold-start)"),
);

const CLOUD_RUN: Habits = Habits {
    policy: Some("cloud-run"),
    start: "uniform:from=500ms,to=2s",
    says: tr!(
        "Cloud Run: an instance starts in 0.5 to 2 s, as reported for Node.js and Python by a third party (--cold-start)"
    ),
    pulls: Pulls::No,
    nodes: None,
};

/// A lognormal law of median 35 s and 95 % under 60 s.
const FARGATE: Habits = Habits {
    policy: Some("ecs-target-tracking"),
    start: "lognormal:mean=36.93s,cv=0.3367",
    says: tr!(
        "Fargate: a task starts in 35 s, 95 of 100 within 60 s, after third-party measurements of 2022 (--cold-start)"
    ),
    pulls: Pulls::Yes,
    nodes: None,
};

const fn on_nodes(policy: Option<&'static str>, nodes: &'static str) -> Habits {
    Habits { policy, start: POD.0, says: POD.1, pulls: Pulls::No, nodes: Some(nodes) }
}

/// How a platform scales.
pub fn of(platform: Platform) -> Habits {
    match platform {
        Platform::CloudRun | Platform::CloudRunInstance | Platform::CloudRunJob | Platform::CloudRunWorkerPool => {
            CLOUD_RUN
        }
        Platform::EcsFargate | Platform::EcsExpress => FARGATE,
        Platform::EksFargate => Habits {
            policy: Some("hpa"),
            start: "lognormal:mean=63.3s,cv=0.3367",
            says: tr!(
                "EKS on Fargate: a pod starts in 60 s, spread as ECS tasks are, after third-party measurements of 2022 (--cold-start)"
            ),
            ..FARGATE
        },
        Platform::AppRunner => Habits {
            policy: Some("app-runner"),
            says: tr!(
                "App Runner: an instance beyond the provisioned ones starts as a Fargate task does, an assumption (--cold-start)"
            ),
            ..FARGATE
        },
        // Its machines are Google's to add: a pod that needs one waits for it.
        Platform::GkeAutopilot => Habits {
            policy: Some("hpa"),
            start: "uniform:from=11s,to=35s",
            says: tr!(
                "Autopilot: a pod starts in 11 to 35 s, of which 10 to 30 s are for a machine, an assumption (--cold-start)"
            ),
            pulls: Pulls::No,
            nodes: None,
        },
        Platform::EcsEc2 | Platform::EcsManagedInstances | Platform::Ec2 => {
            on_nodes(Some("ecs-target-tracking"), "ec2-cluster-autoscaler")
        }
        Platform::EksEc2 => on_nodes(Some("hpa"), "ec2-cluster-autoscaler"),
        Platform::EksAuto => on_nodes(Some("hpa"), "ec2-karpenter"),
        Platform::GkeStandard => on_nodes(Some("hpa"), "gke"),
        Platform::ComputeEngine => on_nodes(None, "gke"),
    }
}

#[cfg(test)]
mod tests {
    use wharfage_sim::NodePreset;

    use super::*;
    use crate::simulate::models;

    #[test]
    fn every_platform_starts_by_a_law_that_can_be_read() {
        for platform in Platform::ALL {
            let habits = of(*platform);
            assert!(models::law(habits.start).is_ok(), "{}", platform.id());
            assert!(habits.nodes.is_none_or(|id| NodePreset::named(id).is_some()), "{}", platform.id());
            assert_eq!(habits.nodes.is_some(), platform.has_nodes(), "{}", platform.id());
        }
    }
}
