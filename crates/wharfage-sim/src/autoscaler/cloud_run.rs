//! Cloud Run services: averages over a minute against a target, and starts on demand.
//!
//! `instances = ⌈mean concurrency ÷ (maximum concurrency × target)⌉` or, if that is more, the same of CPU, worked out every five seconds; in between, a request that
//! finds no capacity starts an instance at once. An instance without requests is held for some minutes: from zero only a
//! request starts one, and to zero nothing but idling leads.
//!
//! # Sources
//! cloud.google.com/run/docs/about-instance-autoscaling and about-concurrency: the formula, the averages over one minute, the
//! targets of 60 %, the pending limit.

use super::{
    Autoscaler, Kind, Parameter, Reading,
    parameter::{DAY, HOUR, INTERVAL, seconds},
    percent, time, whole,
    window::Window,
};
use crate::{
    assumption::{Assumption, assumed},
    law::Law,
    time::{Nanos, rounded},
};

/// Parameters and memory.
#[derive(Debug, Clone, PartialEq)]
pub struct CloudRun {
    /// share of the concurrency that is aimed at
    pub target: f64,
    /// share of the CPU that is aimed at
    pub cpu_target: f64,
    /// how often averages are evaluated
    pub every: Nanos,
    /// how long averages are over
    pub averaged_over: Nanos,
    /// how long an idle instance is held
    pub idle_after: Law,
    /// how long a request may always wait for an instance
    pub pending_least: Nanos,
    /// and how many times the average start-up, if that is longer
    pub pending_start_ups: f64,
    window: Window,
    cpu: Window,
}

impl Default for CloudRun {
    fn default() -> Self {
        Self {
            target: 0.6,
            cpu_target: 0.6,
            every: Nanos::from_secs(5),
            averaged_over: Nanos::from_secs(60),
            idle_after: Law::Constant(Nanos::from_secs(900)),
            pending_least: Nanos::from_secs(10),
            pending_start_ups: 3.5,
            window: Window::default(),
            cpu: Window::default(),
        }
    }
}

/// What a user can set.
pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "concurrency-target",
        help: "share of the concurrency that is aimed at",
        kind: Kind::Share(|by| Some(&mut of(by)?.target)),
    },
    Parameter {
        name: "cpu-target",
        help: "share of the CPU that is aimed at, with --cpu-time",
        kind: Kind::Share(|by| Some(&mut of(by)?.cpu_target)),
    },
    Parameter {
        name: "evaluation-interval",
        help: "how often averages are evaluated",
        kind: Kind::Time(INTERVAL, |by| Some(&mut of(by)?.every)),
    },
    Parameter {
        name: "averaging-window",
        help: "how long averages are over, in whole evaluations",
        kind: Kind::Time(seconds(1, HOUR), |by| Some(&mut of(by)?.averaged_over)),
    },
    Parameter {
        name: "idle-after",
        help: "how long an idle instance is held: a time, never, or a law such as uniform:from=0s,to=900s",
        kind: Kind::Law(|by| Some(&mut of(by)?.idle_after)),
    },
    Parameter {
        name: "pending-limit",
        help: "how long a request may always wait for an instance",
        kind: Kind::Time(seconds(0, DAY), |by| Some(&mut of(by)?.pending_least)),
    },
    Parameter {
        name: "pending-start-ups",
        help: "and how many times the mean start-up, if that is longer",
        kind: Kind::Number(0.0..=1_000.0, |by| Some(&mut of(by)?.pending_start_ups)),
    },
];

fn of(by: &mut Autoscaler) -> Option<&mut CloudRun> {
    if let Autoscaler::CloudRun(s) = by { Some(s) } else { None }
}

impl CloudRun {
    pub(super) fn tick(&self) -> Nanos {
        self.every
    }

    /// How many evaluations an average is over.
    fn samples(&self) -> usize {
        usize::try_from(self.averaged_over.0.div_ceil(self.every.0.max(1))).unwrap_or(usize::MAX).max(1)
    }

    /// How long a request waits at most, where instances take so long to start on average.
    pub fn pending_limit(&self, start_up: Nanos) -> Nanos {
        self.pending_least.max(Nanos(rounded(self.pending_start_ups * start_up.as_f64())))
    }

    pub(super) fn assumptions(&self) -> Vec<Assumption> {
        let (target, cpu) = (percent(self.target), percent(self.cpu_target));
        let (every, window) = (time(self.every), time(Nanos(self.every.0.saturating_mul(self.samples() as u64))));
        vec![
            held(&self.idle_after),
            assumed!(
                "Cloud Run: a request that finds no room starts one instance, whose start up to its concurrency await"
            ),
            assumed!(
                "Cloud Run: an instance takes requests up to its concurrency, however busy its CPU is, and shuts down in no time"
            ),
            assumed!(
                "Cloud Run: averages over {window} are evaluated every {every}, against {target} of the concurrency and, with --cpu-time, {cpu} of the CPU",
                window,
                every,
                target,
                cpu
            ),
            assumed!(
                "Cloud Run: a request waits for an instance {least} at most, or {times} times the mean start-up if that is longer; then it is rejected",
                least = time(self.pending_least),
                times = self.pending_start_ups
            ),
        ]
    }

    /// More instances where the average asks for them; fewer only by idling.
    pub(super) fn decide(&mut self, r: &Reading) -> Option<u64> {
        let samples = self.samples();
        self.window.add(r.concurrency, samples);
        self.cpu.add(r.cpu.unwrap_or(0.0) * r.ready as f64, samples);
        let by_concurrency = self.window.mean(samples) / (f64::from(r.per_instance) * self.target);
        let by_cpu = self.cpu.mean(samples) / self.cpu_target;
        let wanted = whole(by_concurrency.max(by_cpu));
        (wanted > r.alive).then_some(wanted)
    }
}

/// How long an idle instance is held.
fn held(idle_after: &Law) -> Assumption {
    match idle_after {
        Law::Constant(at) => assumed!(
            "Cloud Run: an idle instance is held for {time} (Google names 15 minutes as the most)",
            time = time(*at)
        ),
        Law::Uniform { from, to } => assumed!(
            "Cloud Run: an idle instance is held for {from} to {to}, at random (Google names 15 minutes as the most)",
            from = time(*from),
            to = time(*to)
        ),
        law => assumed!(
            "Cloud Run: an idle instance is held for {mean} on average, at random (Google names 15 minutes as the most)",
            mean = time(law.mean())
        ),
    }
}
