//! Knative's pod autoscaler: a stable and a panic window of total concurrency.
//!
//! # Sources
//! knative/serving `pkg/autoscaler/scaling/autoscaler.go`, `config/core/configmaps/autoscaler.yaml`,
//! `pkg/reconciler/autoscaling/kpa/scaler.go`.

use super::{
    Autoscaler, Kind, Parameter, Reading,
    parameter::{DAY, HOUR, seconds},
    percent, time, whole,
    window::Window,
};
use crate::{
    assumption::{Assumption, assumed},
    time::Nanos,
};

/// The decision: how many pods, and whether in panic.
#[derive(Debug, Clone, PartialEq)]
pub struct Decider {
    /// concurrency that is aimed at per pod
    pub target: f64,
    /// panic starts where the panic window asks for so many times the ready pods
    pub panic_threshold: f64,
    /// at most so many times the ready pods
    pub max_scale_up: f64,
    /// at least the ready pods divided by this
    pub max_scale_down: f64,
    /// how long the stable window is
    pub stable_window: Nanos,
    panic_since: Option<Nanos>,
    most_in_panic: u64,
}

impl Decider {
    /// A decider that is not in panic.
    pub const fn new(
        target: f64,
        panic_threshold: f64,
        max_scale_up: f64,
        max_scale_down: f64,
        stable_window: Nanos,
    ) -> Self {
        let (panic_since, most_in_panic) = (None, 0);
        Self { target, panic_threshold, max_scale_up, max_scale_down, stable_window, panic_since, most_in_panic }
    }

    /// Keeps what there is, where a decider is made for more than one pod, until it has seen a stable window.
    pub fn begin(&mut self, now: Nanos, ready: u64) {
        if ready > 1 {
            (self.panic_since, self.most_in_panic) = (Some(now), ready);
        }
    }

    /// Pods that are wanted, from the ready ones and the windows' means of total concurrency; and is it panic.
    pub fn decide(&mut self, now: Nanos, ready: u64, stable: f64, panic: f64) -> (u64, bool) {
        let pods = ready.max(1) as f64;
        let (up, down) = (whole(self.max_scale_up * pods), libm::floor(pods / self.max_scale_down) as u64);
        let wants_panic = whole(panic / self.target);
        let by_stable = whole(stable / self.target).clamp(down, up);
        let by_panic = wants_panic.clamp(down, up);
        let over = wants_panic as f64 / pods >= self.panic_threshold;
        match self.panic_since {
            _ if over => self.panic_since = Some(now),
            Some(since) if since.0 + self.stable_window.0 < now.0 => (self.panic_since, self.most_in_panic) = (None, 0),
            _ => {}
        }
        if self.panic_since.is_none() {
            return (by_stable, false);
        }
        self.most_in_panic = self.most_in_panic.max(by_stable).max(by_panic);
        (self.most_in_panic, true)
    }
}

/// Parameters and memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Knative {
    /// share of the concurrency that is aimed at
    pub target: f64,
    /// how long the stable window is, in whole seconds: a reading is taken each second
    pub stable_window: Nanos,
    /// how long the panic window is, as a share of the stable one
    pub panic_window: f64,
    /// how often it decides, in whole seconds
    pub tick_interval: Nanos,
    /// how long the last pod stays after the stable window
    pub grace: Nanos,
    /// so many pods at first, until they were ready once
    pub initial_scale: u64,
    /// at least so many pods where there are requests
    pub activation_scale: u64,
    /// decides; its target and window are worked out from the fields above
    pub decider: Decider,
    window: Window,
    readings: u64,
    initialised: bool,
    /// since when there have been pods
    active_since: Option<Nanos>,
    empty_since: Option<Nanos>,
}

impl Default for Knative {
    fn default() -> Self {
        Self {
            target: 0.7,
            stable_window: Nanos::from_secs(60),
            panic_window: 0.1,
            tick_interval: Nanos::from_secs(2),
            grace: Nanos::from_secs(30),
            initial_scale: 1,
            activation_scale: 1,
            decider: Decider::new(0.0, 2.0, 1_000.0, 2.0, Nanos::from_secs(60)),
            window: Window::default(),
            readings: 0,
            initialised: false,
            active_since: None,
            empty_since: None,
        }
    }
}

/// What a user can set.
pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "container-concurrency-target-percentage",
        help: "hundredths of the concurrency that are aimed at per pod",
        kind: Kind::Percent(1.0..=100.0, |by| Some(&mut of(by)?.target)),
    },
    Parameter {
        name: "stable-window",
        help: "how long the stable window is",
        kind: Kind::Seconds(seconds(6, HOUR), |by| Some(&mut of(by)?.stable_window)),
    },
    Parameter {
        name: "panic-window-percentage",
        help: "how long the panic window is, in hundredths of the stable one",
        kind: Kind::Percent(1.0..=100.0, |by| Some(&mut of(by)?.panic_window)),
    },
    Parameter {
        name: "panic-threshold-percentage",
        help: "panic starts where the panic window asks for so many hundredths of the ready pods",
        kind: Kind::Percent(110.0..=1_000.0, |by| Some(&mut of(by)?.decider.panic_threshold)),
    },
    Parameter {
        name: "max-scale-up-rate",
        help: "at most so many times the ready pods at a time",
        kind: Kind::Number(1.01..=1_000_000.0, |by| Some(&mut of(by)?.decider.max_scale_up)),
    },
    Parameter {
        name: "max-scale-down-rate",
        help: "at least the ready pods divided by this at a time",
        kind: Kind::Number(1.01..=1_000_000.0, |by| Some(&mut of(by)?.decider.max_scale_down)),
    },
    Parameter {
        name: "tick-interval",
        help: "how often it decides",
        kind: Kind::Seconds(seconds(1, HOUR), |by| Some(&mut of(by)?.tick_interval)),
    },
    Parameter {
        name: "scale-to-zero-grace-period",
        help: "how long the last pod stays after the stable window",
        kind: Kind::Time(seconds(0, DAY), |by| Some(&mut of(by)?.grace)),
    },
    Parameter {
        name: "initial-scale",
        help: "pods of a new revision, until they were ready once",
        kind: Kind::Whole(1..=1_000, |by| Some(&mut of(by)?.initial_scale)),
    },
    Parameter {
        name: "activation-scale",
        help: "at least so many pods where there are requests",
        kind: Kind::Whole(1..=1_000, |by| Some(&mut of(by)?.activation_scale)),
    },
];

fn of(by: &mut Autoscaler) -> Option<&mut Knative> {
    if let Autoscaler::Knative(s) = by { Some(s) } else { None }
}

/// Readings, one a second, in a time; one at least.
fn readings(time: Nanos) -> u64 {
    (time.0 / Nanos::from_secs(1).0).max(1)
}

impl Knative {
    /// Readings that the stable window is over, and those of the panic window.
    fn windows(&self) -> (usize, usize) {
        let stable = readings(self.stable_window);
        let panic = libm::round(stable as f64 * self.panic_window).max(1.0);
        (usize::try_from(stable).unwrap_or(usize::MAX), panic as usize)
    }

    pub(super) fn tick(&self) -> Nanos {
        Nanos::from_secs(1)
    }

    pub(super) fn assumptions(&self) -> Vec<Assumption> {
        let (target, grace) = (percent(self.target), time(self.grace));
        let (stable, panic) = self.windows();
        vec![
            assumed!(
                "Knative: {target} of the concurrency per pod, over {stable} s and, in panic, {panic} s; a new revision begins with {pods} pods",
                target,
                stable,
                panic,
                pods = self.initial_scale
            ),
            assumed!("Knative: a request that finds no pod starts one at once, and waits in the activator"),
            assumed!(
                "Knative: the last pod goes a stable window and the grace period of {grace} after the last request",
                grace
            ),
        ]
    }

    pub(super) fn decide(&mut self, r: &Reading) -> Option<u64> {
        if self.readings == 0 {
            self.decider.begin(r.now, r.ready);
        }
        let (stable, panic) = self.windows();
        self.window.add(r.concurrency, stable);
        self.readings += 1;
        self.initialised |= r.ready >= self.initial_scale;
        if r.ready == 0 {
            self.active_since = None;
        } else {
            self.active_since.get_or_insert(r.now);
        }
        if !self.readings.is_multiple_of(readings(self.tick_interval)) {
            return None;
        }
        self.decider.target = self.target * f64::from(r.per_instance);
        self.decider.stable_window = Nanos::from_secs(stable as u64);
        let (stable, panic) = (self.window.mean(stable), self.window.mean(panic));
        let (wanted, _) = self.decider.decide(r.now, r.ready, stable, panic);
        Some(self.bounded(wanted, stable > 0.0, r))
    }

    /// What is wanted where the revision is new, is woken or goes to zero.
    fn bounded(&mut self, wanted: u64, in_demand: bool, r: &Reading) -> u64 {
        if !self.initialised && wanted < self.initial_scale {
            return self.initial_scale;
        }
        if wanted > 0 || r.present > 0 {
            self.empty_since = None;
            let woken = if in_demand || r.present > 0 { self.activation_scale } else { 0 };
            return wanted.max(woken).max(r.alive.min(1));
        }
        // The stable window is over when its mean is zero, and pods were there for as long; the grace period follows.
        if self.active_since.is_some_and(|since| r.now.0 - since.0 < self.decider.stable_window.0) {
            return r.alive.min(1);
        }
        let since = *self.empty_since.get_or_insert(r.now);
        if r.now.0 - since.0 >= self.grace.0 { 0 } else { r.alive.min(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Time in seconds, ready pods, stable mean, panic mean; wanted, panic.
    type Step = (u64, u64, f64, f64, u64, bool);

    #[track_caller]
    fn check(mut decider: Decider, steps: &[Step]) {
        for (at, ready, stable, panic, wanted, in_panic) in steps {
            let got = decider.decide(Nanos::from_secs(*at), *ready, *stable, *panic);
            assert_eq!(got, (*wanted, *in_panic), "at {at} s");
        }
    }

    #[test]
    fn a_decider_for_more_than_one_pod_begins_in_panic() {
        let mut decider = Decider::new(10.0, 2.0, 10.0, 10.0, Nanos::from_secs(60));
        decider.begin(Nanos(0), 8);
        check(decider.clone(), &[(1, 8, 1.0, 1.0, 8, true), (60, 8, 1.0, 1.0, 8, true), (61, 8, 1.0, 1.0, 1, false)]);
        decider = Decider::new(10.0, 2.0, 10.0, 10.0, Nanos::from_secs(60));
        decider.begin(Nanos(0), 1);
        check(decider, &[(1, 1, 1.0, 1.0, 1, false)]);
    }

    #[test]
    fn decisions_are_those_of_the_reference() {
        let minute = Nanos::from_secs(60);
        check(
            Decider::new(70.0, 2.0, 1_000.0, 2.0, minute),
            &[
                (0, 1, 35.0, 35.0, 1, false),
                (2, 1, 90.0, 400.0, 6, true),
                (4, 1, 140.0, 900.0, 13, true),
                (6, 6, 260.0, 900.0, 13, true),
                (30, 13, 700.0, 880.0, 13, true),
                (60, 13, 880.0, 300.0, 13, true),
                (68, 13, 600.0, 200.0, 9, false),
                (130, 13, 200.0, 180.0, 6, false),
                (132, 6, 200.0, 180.0, 3, false),
                (134, 3, 60.0, 20.0, 1, false),
                (136, 1, 0.0, 0.0, 0, false),
            ],
        );
        check(
            Decider::new(10.0, 2.0, 10.0, 10.0, minute),
            &[
                (0, 1, 100.0, 100.0, 10, true),
                (1, 10, 100.0, 1_000.0, 100, true),
                (31, 10, 1.0, 1.0, 100, true),
                (62, 10, 1.0, 1.0, 1, false),
            ],
        );
        check(
            Decider::new(1.0, 2.0, 10.0, 10.0, minute),
            &[(0, 10, 11.0, 25.0, 25, true), (30, 40, 30.0, 41.0, 41, true), (62, 55, 50.0, 56.0, 50, false)],
        );
    }
}
