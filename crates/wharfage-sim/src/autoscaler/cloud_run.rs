//! Cloud Run services: averages over a minute against a target, and starts on demand.
//!
//! `instances = ⌈mean concurrency ÷ (maximum concurrency × target)⌉` or, if that is more, the same of CPU, worked out every five seconds; in between, a request that
//! finds no capacity starts an instance at once. An instance without requests is held for some minutes.
//!
//! # Sources
//! cloud.google.com/run/docs/about-instance-autoscaling and about-concurrency: the formula, the averages over one minute, the
//! targets of 60 %, the pending limit.

use super::{Reading, whole, window::Window};
use crate::{law::Law, time::Nanos};

pub(super) const ASSUMPTIONS: &[&str] = &[
    "Cloud Run: an idle instance is held for 15 minutes, the most that Google names",
    "Cloud Run: a request that finds no room starts one instance, whose start up to its concurrency await",
    "Cloud Run: averages are evaluated every 5 s; CPU is not among them without --cpu-time",
    "Cloud Run: a request waits at most 10 s for an instance, then it is rejected",
];

/// Parameters and memory.
#[derive(Debug, Clone, PartialEq)]
pub struct CloudRun {
    /// share of the concurrency that is aimed at
    pub target: f64,
    /// how often averages are evaluated
    pub every: Nanos,
    /// how many evaluations an average is over
    pub samples: usize,
    /// how long an idle instance is held
    pub idle_after: Law,
    /// how long a request waits at most
    pub pending_limit: Nanos,
    window: Window,
    cpu: Window,
}

impl Default for CloudRun {
    fn default() -> Self {
        Self {
            target: 0.6,
            every: Nanos::from_secs(5),
            samples: 12,
            idle_after: Law::Constant(Nanos::from_secs(900)),
            pending_limit: Nanos::from_secs(10),
            window: Window::default(),
            cpu: Window::default(),
        }
    }
}

impl CloudRun {
    pub(super) fn tick(&self) -> Nanos {
        self.every
    }

    /// More instances where the average asks for them; fewer only by idling.
    pub(super) fn decide(&mut self, r: &Reading) -> Option<u64> {
        self.window.add(r.concurrency, self.samples);
        self.cpu.add(r.cpu.unwrap_or(0.0) * r.ready as f64, self.samples);
        let by_concurrency = self.window.mean(self.samples) / (f64::from(r.per_instance) * self.target);
        let by_cpu = self.cpu.mean(self.samples) / self.target;
        let wanted = whole(by_concurrency.max(by_cpu));
        (wanted > r.alive).then_some(wanted)
    }
}
