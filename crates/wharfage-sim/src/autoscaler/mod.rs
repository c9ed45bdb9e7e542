//! Autoscalers: what a platform reads, and how many instances it then wants.
//!
//! Each has a file with its rule, its source and what is assumed where none is published. The engine gives all of them the
//! same readings, at times they choose, and carries out what they want; the functions that decide are public, so that
//! tables of known decisions run through the same code.

mod app_runner;
mod cloud_run;
mod hpa;
mod keda;
mod knative;
mod parameter;
mod target_tracking;
mod window;

pub use app_runner::AppRunner;
pub use cloud_run::CloudRun;
pub use hpa::{Behavior, Change, Hpa, Pods, Policies, ratio};
pub use keda::Keda;
pub use knative::{Decider, Knative};
pub use parameter::{At, Kind, Parameter, Value};
pub use target_tracking::TargetTracking;

use crate::{assumption::Assumption, law::Law, time::Nanos};

/// What a platform knows when it decides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// when
    pub now: Nanos,
    /// mean requests in flight and waiting since the last reading
    pub concurrency: f64,
    /// mean share of the concurrency of instances that are up which was in use since the last reading
    pub utilisation: f64,
    /// mean share of the vCPUs of instances that are up which was in use, where that is modelled
    pub cpu: Option<f64>,
    /// requests in flight and waiting now
    pub present: u64,
    /// instances that are up
    pub ready: u64,
    /// instances that are starting or up
    pub alive: u64,
    /// requests that an instance serves at once
    pub per_instance: u32,
    /// never fewer instances
    pub least: u64,
    /// never more
    pub most: u64,
}

/// An autoscaler: its parameters, and what it remembers.
#[derive(Debug, Clone, PartialEq)]
pub enum Autoscaler {
    /// Cloud Run's
    CloudRun(CloudRun),
    /// Knative's pod autoscaler
    Knative(Knative),
    /// Kubernetes' horizontal pod autoscaler
    Hpa(Hpa),
    /// KEDA with its HTTP add-on
    Keda(Keda),
    /// target tracking of Amazon ECS services
    TargetTracking(TargetTracking),
    /// AWS App Runner's
    AppRunner(AppRunner),
}

/// When a request starts an instance itself, without waiting for a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDemand {
    /// whenever it finds no room
    Always,
    /// when there is no instance at all
    FromZero,
    /// never
    Never,
}

macro_rules! each {
    ($scaler:expr, $s:ident => $what:expr) => {
        match $scaler {
            Autoscaler::CloudRun($s) => $what,
            Autoscaler::Knative($s) => $what,
            Autoscaler::Hpa($s) => $what,
            Autoscaler::Keda($s) => $what,
            Autoscaler::TargetTracking($s) => $what,
            Autoscaler::AppRunner($s) => $what,
        }
    };
}

impl Autoscaler {
    /// All of them, as they are by default.
    pub fn defaults() -> [(&'static str, Self); 6] {
        [
            ("cloud-run", Self::CloudRun(CloudRun::default())),
            ("knative", Self::Knative(Knative::default())),
            ("hpa", Self::Hpa(Hpa::default())),
            ("keda", Self::Keda(Keda::default())),
            ("ecs-target-tracking", Self::TargetTracking(TargetTracking::default())),
            ("app-runner", Self::AppRunner(AppRunner::default())),
        ]
    }

    /// How often it reads.
    pub fn tick(&self) -> Nanos {
        each!(self, s => s.tick())
    }

    /// How many instances it wants now; `None`: as many as there are.
    pub fn decide(&mut self, reading: &Reading) -> Option<u64> {
        each!(self, s => s.decide(reading))
    }

    /// When requests start instances themselves.
    pub fn on_demand(&self) -> OnDemand {
        match self {
            Self::CloudRun(_) => OnDemand::Always,
            Self::Knative(_) | Self::Keda(_) => OnDemand::FromZero,
            Self::Hpa(_) | Self::TargetTracking(_) | Self::AppRunner(_) => OnDemand::Never,
        }
    }

    /// How long an idle instance is held, where instances stop of their own accord and not by a decision.
    pub fn idle_after(&self) -> Law {
        match self {
            Self::CloudRun(s) => s.idle_after.clone(),
            _ => Law::Constant(Nanos::NEVER),
        }
    }

    /// How long a request waits at most, where instances take so long to start on average.
    pub fn pending_limit(&self, start_up: Nanos) -> Nanos {
        match self {
            Self::CloudRun(s) => s.pending_limit(start_up),
            _ => Nanos::NEVER,
        }
    }

    /// The fewest instances where nothing else is said.
    pub fn least(&self) -> u64 {
        match self {
            Self::CloudRun(_) | Self::Knative(_) | Self::Keda(_) => 0,
            Self::Hpa(_) | Self::TargetTracking(_) | Self::AppRunner(_) => 1,
        }
    }

    /// The most instances where a platform's user says nothing; [`u64::MAX`]: as many as are wanted.
    pub fn most(&self) -> u64 {
        match self {
            Self::CloudRun(_) | Self::Keda(_) => 100,
            Self::AppRunner(_) => 25,
            Self::Knative(_) | Self::Hpa(_) | Self::TargetTracking(_) => u64::MAX,
        }
    }

    /// Sets the share of an instance's concurrency that it aims at.
    pub fn aim_at(&mut self, share: f64) {
        match self {
            Self::CloudRun(s) => (s.target, s.cpu_target) = (share, share),
            Self::Knative(s) => s.target = share,
            Self::Hpa(s) => s.target = share,
            Self::Keda(s) => s.hpa.target = share,
            Self::TargetTracking(s) => s.target = share,
            Self::AppRunner(_) => {}
        }
    }

    /// What a user can set of it.
    pub fn parameters(&self) -> impl Iterator<Item = &'static Parameter> + use<> {
        let (own, shared): (&[Parameter], &[Parameter]) = match self {
            Self::CloudRun(_) => (cloud_run::PARAMETERS, &[]),
            Self::Knative(_) => (knative::PARAMETERS, &[]),
            Self::Hpa(_) => (hpa::OWN_PARAMETERS, hpa::PARAMETERS),
            Self::Keda(_) => (keda::PARAMETERS, hpa::PARAMETERS),
            Self::TargetTracking(_) => (target_tracking::PARAMETERS, &[]),
            Self::AppRunner(_) => (app_runner::PARAMETERS, &[]),
        };
        own.iter().chain(shared)
    }

    /// What no source says, and is therefore assumed, with the values that it has here.
    pub fn assumptions(&self) -> Vec<Assumption> {
        each!(self, s => s.assumptions())
    }
}

/// A number of instances, rounded up.
fn whole(instances: f64) -> u64 {
    libm::ceil(instances) as u64
}

/// A share as a person writes it.
fn percent(share: f64) -> String {
    format!("{} %", libm::round(share * 1e4) / 100.0)
}

/// A time as a person writes it.
fn time(Nanos(ns): Nanos) -> String {
    format!("{} s", ns as f64 / 1e9)
}
