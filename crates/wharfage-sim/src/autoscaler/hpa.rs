//! Kubernetes' horizontal pod autoscaler: a ratio, a tolerance, limits of change, and a memory of recommendations.
//!
//! The ratio is worked out in binary floating point, as Kubernetes does: 100 replicas at 99 % of 90 % are 111, not 110.
//!
//! # Sources
//! kubernetes/kubernetes `pkg/controller/podautoscaler/{horizontal,replica_calculator}.go`; kubernetes/website
//! `horizontal-pod-autoscale.md`.

use std::{collections::VecDeque, ops::RangeInclusive};

use super::{
    Autoscaler, Kind, Parameter, Reading,
    parameter::{HOUR, INTERVAL, seconds},
    percent, time, whole,
};
use crate::{
    assumption::{Assumption, assumed},
    time::Nanos,
};

/// Pods as the controller sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pods {
    /// as many as are specified
    pub replicas: u64,
    /// those with a metric
    pub ready: u64,
    /// those that are not ready yet
    pub unready: u64,
    /// those without a metric, though they should have one
    pub missing: u64,
}

/// Replicas by the ratio of the ready pods' mean metric to its target; as they are within the tolerance.
///
/// Pods that are not ready yet count as nothing where the others ask for more; so do those without a metric, which count as on
/// target where the others ask for fewer. What these would turn around stays as it is.
pub fn ratio(pods: Pods, metric: f64, target: f64, tolerance: f64) -> u64 {
    let Pods { replicas, ready, unready, missing } = pods;
    let within = |ratio: f64| (1.0 - ratio).abs() <= tolerance;
    let ratio = metric / target;
    if missing == 0 && (unready == 0 || ratio <= 1.0) {
        return if within(ratio) { replicas } else { whole(ratio * ready as f64) };
    }
    let counted = ready + missing + if ratio > 1.0 { unready } else { 0 };
    let on_target = if ratio < 1.0 { missing } else { 0 };
    let adjusted = (ratio * ready as f64 + on_target as f64) / counted as f64;
    if within(adjusted) || (ratio < 1.0) != (adjusted < 1.0) {
        return replicas;
    }
    let wanted = whole(adjusted * counted as f64);
    if (wanted > replicas) == (adjusted > 1.0) { wanted } else { replicas }
}

/// Replicas where a metric of all together should be so much per pod; as they are within the tolerance.
fn by_sum(replicas: u64, sum: f64, per_pod: f64, tolerance: f64) -> u64 {
    let ratio = sum / (per_pod * replicas as f64);
    if (1.0 - ratio).abs() <= tolerance { replicas } else { whole(sum / per_pod) }
}

/// A limit of change within a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// so many pods
    Pods(u64, Nanos),
    /// so many percent of the pods at the start of the period
    Percent(u64, Nanos),
}

/// How replicas may change in one direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Policies {
    /// recommendations of so long are taken into account
    pub window: Nanos,
    /// of which the one that allows most holds
    pub limits: Vec<Change>,
}

/// How replicas may change.
#[derive(Debug, Clone, PartialEq)]
pub enum Behavior {
    /// no `behavior` in the specification: an older path of the controller
    Absent,
    /// as specified
    Given {
        /// upwards
        up: Policies,
        /// downwards
        down: Policies,
    },
}

impl Behavior {
    /// The documented defaults, as if they were written down.
    pub fn documented() -> Self {
        let (quarter, five) = (Nanos::from_secs(15), Nanos::from_secs(300));
        Self::Given {
            up: Policies { window: Nanos(0), limits: vec![Change::Percent(100, quarter), Change::Pods(4, quarter)] },
            down: Policies { window: five, limits: vec![Change::Percent(100, quarter)] },
        }
    }

    /// As it is specified, upwards and downwards; what is absent becomes the documented defaults.
    fn given(&mut self) -> [&mut Policies; 2] {
        if *self == Self::Absent {
            *self = Self::documented();
        }
        match self {
            Self::Given { up, down } => [up, down],
            Self::Absent => unreachable!("it has just been given"),
        }
    }
}

/// What a user can set, here and of KEDA.
pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "target",
        help: "share of a pod that is aimed at: of its CPU with --cpu-time (HPA alone), else of its concurrency",
        kind: Kind::Share(|by| Some(&mut of(by)?.target)),
    },
    Parameter {
        name: "sync-period",
        help: "how often the horizontal pod autoscaler decides",
        kind: Kind::Time(INTERVAL, |by| Some(&mut of(by)?.sync)),
    },
    Parameter {
        name: "tolerance",
        help: "no change within this of the target",
        kind: Kind::Number(0.0..=1.0, |by| Some(&mut of(by)?.tolerance)),
    },
    Parameter {
        name: "scale-up-stabilisation",
        help: "upwards, the least recommendation of so long holds (a `behavior`)",
        kind: Kind::Time(seconds(0, HOUR), |by| Some(&mut of(by)?.behavior.given()[0].window)),
    },
    Parameter {
        name: "scale-up-policies",
        help: "how many pods may be added in a period, the most of some: 100%/15s+4/15s (a `behavior`)",
        kind: Kind::Limits(|by| Some(&mut of(by)?.behavior.given()[0].limits)),
    },
    Parameter {
        name: "scale-down-stabilisation",
        help: "downwards, the greatest recommendation of so long holds (a `behavior`)",
        kind: Kind::Time(seconds(0, HOUR), |by| Some(&mut of(by)?.behavior.given()[1].window)),
    },
    Parameter {
        name: "scale-down-policies",
        help: "how many pods may be removed in a period, the most of some: 10%/60s+4/60s (a `behavior`)",
        kind: Kind::Limits(|by| Some(&mut of(by)?.behavior.given()[1].limits)),
    },
];

/// What a user can set here alone: KEDA's metric is of the moment.
pub const OWN_PARAMETERS: &[Parameter] = &[Parameter {
    name: "metric-age",
    help: "how old the metric is that it sees",
    kind: Kind::Time(seconds(0, HOUR), |by| Some(&mut of(by)?.metric_age)),
}];

fn of(by: &mut Autoscaler) -> Option<&mut Hpa> {
    match by {
        Autoscaler::Hpa(s) => Some(s),
        Autoscaler::Keda(s) => Some(&mut s.hpa),
        _ => None,
    }
}

/// Parameters and memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Hpa {
    /// how often it decides
    pub sync: Nanos,
    /// share of the concurrency that is aimed at
    pub target: f64,
    /// no change within this of the target
    pub tolerance: f64,
    /// how old the metric is that it sees
    pub metric_age: Nanos,
    /// how replicas may change
    pub behavior: Behavior,
    memory: Box<Memory>,
}

/// What is remembered, with its time.
#[derive(Debug, Clone, PartialEq, Default)]
struct Memory {
    /// what was measured, of so many ready pods
    metrics: VecDeque<(Nanos, f64, u64)>,
    recommended: VecDeque<(i128, u64)>,
    added: VecDeque<(i128, u64)>,
    removed: VecDeque<(i128, u64)>,
}

impl Default for Hpa {
    fn default() -> Self {
        Self {
            sync: Nanos::from_secs(15),
            target: 0.6,
            tolerance: 0.1,
            metric_age: Nanos(0),
            behavior: Behavior::Absent,
            memory: Box::default(),
        }
    }
}

/// Window of the older path.
const OLD_WINDOW: i128 = 300_000_000_000;

impl Hpa {
    /// One whose memory holds a recommendation of an earlier time, relative to 0.
    #[must_use]
    pub fn recommended_before(mut self, before: Nanos, replicas: u64) -> Self {
        self.memory.recommended.push_back((-i128::from(before.0), replicas));
        self
    }

    pub(super) fn tick(&self) -> Nanos {
        self.sync
    }

    pub(super) fn assumptions(&self) -> Vec<Assumption> {
        let (target, sync) = (percent(self.target), time(self.sync));
        let behavior = match self.behavior {
            Behavior::Absent => assumed!(
                "HPA: no `behavior` is specified: at most the double, or 4, at once; 300 s of stabilisation downwards"
            ),
            Behavior::Given { .. } => assumed!("HPA: replicas change as the `behavior` says"),
        };
        vec![
            assumed!(
                "HPA: the metric is the mean use of the pods over the last {sync} (of their CPU with --cpu-time, else of their concurrency), a target of {target}",
                sync,
                target
            ),
            assumed!("HPA: metrics are seen {age} after they are measured", age = time(self.metric_age)),
            assumed!("HPA: a pod counts as not ready until a metric of it is seen"),
            behavior,
        ]
    }

    pub(super) fn decide(&mut self, r: &Reading) -> Option<u64> {
        if r.ready == 0 || r.alive == 0 {
            return None;
        }
        let (metric, measured) = self.seen(r.now, r.cpu.unwrap_or(r.utilisation), r.ready)?;
        // Of pods that became ready since, no metric is known.
        let ready = measured.min(r.ready);
        let pods = Pods { replicas: r.alive, ready, unready: r.alive.saturating_sub(ready), missing: 0 };
        let wanted = ratio(pods, metric, self.target, self.tolerance);
        Some(self.step_within(r.now, r.alive, wanted, r.least..=r.most))
    }

    /// The metric that is seen now, and of how many pods, where this one is measured.
    fn seen(&mut self, now: Nanos, metric: f64, ready: u64) -> Option<(f64, u64)> {
        let metrics = &mut self.memory.metrics;
        metrics.push_back((now, metric, ready));
        let age = self.metric_age.0;
        let old = |(at, ..): &(Nanos, f64, u64)| at.0.saturating_add(age) <= now.0;
        while metrics.get(1).is_some_and(old) {
            metrics.pop_front();
        }
        metrics.front().filter(|first| old(first)).map(|(_, metric, ready)| (*metric, *ready))
    }

    /// The same for a metric of all pods together, of which each should have its share of the concurrency.
    pub(super) fn decide_by_sum(&mut self, r: &Reading, sum: f64) -> Option<u64> {
        if r.alive == 0 {
            return None;
        }
        let wanted = by_sum(r.alive, sum, self.target * f64::from(r.per_instance), self.tolerance);
        Some(self.step_within(r.now, r.alive, wanted, r.least..=r.most))
    }

    /// Replicas after stabilisation and the limits of change, from those there are and those the metric asks for.
    pub fn step(&mut self, now: Nanos, current: u64, wanted: u64) -> u64 {
        self.step_within(now, current, wanted, 0..=u64::MAX)
    }

    fn step_within(&mut self, now: Nanos, current: u64, wanted: u64, bounds: RangeInclusive<u64>) -> u64 {
        let now = i128::from(now.0);
        let next = match &self.behavior {
            Behavior::Absent => {
                let kept = self.memory.recommended.iter().filter(|(at, _)| *at >= now - OLD_WINDOW).map(|(_, n)| *n);
                kept.max().unwrap_or(0).max(wanted).min((2 * current).max(4))
            }
            Behavior::Given { up, down } => {
                let stable = self.stabilised(now, current, wanted, up, down);
                if stable > current {
                    stable.min(self.upper(now, current, up).max(current))
                } else {
                    stable.max(self.lower(now, current, down).min(current))
                }
            }
        };
        let next = next.min(*bounds.end()).max(*bounds.start());
        self.remember(now, current, wanted, next);
        next
    }

    /// Not above the least recommendation of the upper window, nor below the greatest of the lower one.
    fn stabilised(&self, now: i128, current: u64, wanted: u64, up: &Policies, down: &Policies) -> u64 {
        let since = |window: Nanos| {
            let from = now - i128::from(window.0);
            self.memory.recommended.iter().filter(move |(at, _)| *at > from).map(|(_, n)| *n)
        };
        let least = since(up.window).min().unwrap_or(u64::MAX).min(wanted);
        let most = since(down.window).max().unwrap_or(0).max(wanted);
        current.max(least).min(most)
    }

    fn start_of(&self, now: i128, current: u64, period: Nanos) -> u64 {
        let from = now - i128::from(period.0);
        let sum =
            |events: &VecDeque<(i128, u64)>| events.iter().filter(|(at, _)| *at > from).map(|(_, n)| n).sum::<u64>();
        (current + sum(&self.memory.removed)).saturating_sub(sum(&self.memory.added))
    }

    fn upper(&self, now: i128, current: u64, up: &Policies) -> u64 {
        let limit = |change: &Change| match *change {
            Change::Pods(n, period) => self.start_of(now, current, period) + n,
            Change::Percent(p, period) => whole(self.start_of(now, current, period) as f64 * (1.0 + p as f64 / 100.0)),
        };
        up.limits.iter().map(limit).max().unwrap_or(current)
    }

    fn lower(&self, now: i128, current: u64, down: &Policies) -> u64 {
        let limit = |change: &Change| match *change {
            Change::Pods(n, period) => self.start_of(now, current, period).saturating_sub(n),
            Change::Percent(p, period) => {
                (self.start_of(now, current, period) as f64 * (1.0 - p as f64 / 100.0)) as u64
            }
        };
        down.limits.iter().map(limit).min().unwrap_or(current)
    }

    fn remember(&mut self, now: i128, current: u64, wanted: u64, next: u64) {
        self.memory.recommended.push_back((now, wanted));
        if next > current {
            self.memory.added.push_back((now, next - current));
        } else if next < current {
            self.memory.removed.push_back((now, current - next));
        }
        // No window or period is longer than an hour.
        let old = now - 3_600_000_000_000;
        for events in [&mut self.memory.recommended, &mut self.memory.added, &mut self.memory.removed] {
            while events.front().is_some_and(|(at, _)| *at < old) {
                events.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_worked_out_as_kubernetes_does() {
        for (replicas, metric, target, wanted) in [
            (10, 90.0, 75.0, 12),
            (4, 50.0, 50.0, 4),
            (3, 100.0, 50.0, 6),
            (50, 90.0, 75.0, 60),
            (10, 82.0, 75.0, 10),
            (10, 83.0, 75.0, 12),
            (7, 20.0, 60.0, 3),
            (1, 61.0, 60.0, 1),
            (20, 54.0, 60.0, 20),
            (20, 53.0, 60.0, 18),
            (10, 66.0, 60.0, 11),
            (9, 45.0, 50.0, 9),
            (100, 99.0, 90.0, 111),
            (2, 300.0, 50.0, 12),
        ] {
            let pods = Pods { replicas, ready: replicas, ..Pods::default() };
            assert_eq!(ratio(pods, metric, target, 0.1), wanted, "{replicas} at {metric} of {target}");
        }
    }

    #[test]
    fn pods_that_are_not_ready_or_have_no_metric_damp_a_change_and_turn_none_around() {
        for (replicas, ready, unready, missing, metric, wanted) in [
            // Four of eight are starting: 60 % over the others is 30 % over all, which is no reason to add any or to remove some.
            (8, 4, 4, 0, 60.0, 8),
            (8, 4, 4, 0, 150.0, 12),
            // Within the tolerance once they are counted.
            (8, 4, 4, 0, 105.0, 8),
            // Downwards those that start are left out.
            (8, 4, 4, 0, 25.0, 2),
            // A missing metric counts as on target downwards: (4 × 0.5 + 4) ÷ 8 = 0.75 of 8, not half of it.
            (8, 4, 0, 4, 25.0, 6),
            // And as nothing upwards: 4 × 3 ÷ 8 = 1.5.
            (8, 4, 0, 4, 150.0, 12),
            (8, 4, 0, 4, 90.0, 8),
        ] {
            let pods = Pods { replicas, ready, unready, missing };
            assert_eq!(ratio(pods, metric, 50.0, 0.1), wanted, "{pods:?} at {metric}");
        }
    }

    #[test]
    fn a_sum_is_shared_out_whatever_is_ready() {
        assert_eq!(by_sum(4, 40.0, 10.0, 0.1), 4);
        assert_eq!(by_sum(4, 43.0, 10.0, 0.1), 4);
        assert_eq!(by_sum(4, 45.0, 10.0, 0.1), 5);
        assert_eq!(by_sum(4, 0.0, 10.0, 0.1), 0);
    }

    fn steps(behavior: Behavior, start: u64, wanted: u64, n: u64) -> Vec<u64> {
        let mut hpa = Hpa { behavior, ..Hpa::default() }.recommended_before(Nanos::from_secs(15), start);
        let mut replicas = start;
        (0..n)
            .map(|k| {
                replicas = hpa.step(Nanos::from_secs(15 * k), replicas, wanted);
                replicas
            })
            .collect()
    }

    #[test]
    fn replicas_change_as_fast_as_they_may_and_no_faster() {
        assert_eq!(steps(Behavior::Absent, 2, 20, 6), [4, 8, 16, 20, 20, 20]);
        assert_eq!(steps(Behavior::documented(), 2, 20, 6), [6, 12, 20, 20, 20, 20]);
        let held = |tens: usize| [vec![10; tens], vec![3; 24 - tens]].concat();
        assert_eq!(steps(Behavior::Absent, 10, 3, 24), held(20));
        assert_eq!(steps(Behavior::documented(), 10, 3, 24), held(19));
    }

    #[test]
    fn the_documented_example_of_two_policies_comes_out() {
        let minute = Nanos::from_secs(60);
        let down = Policies { window: Nanos(0), limits: vec![Change::Pods(4, minute), Change::Percent(10, minute)] };
        let Behavior::Given { up, .. } = Behavior::documented() else { unreachable!("it is given") };
        let got = steps(Behavior::Given { up, down }, 80, 10, 84);
        let each: Vec<u64> =
            [72, 64, 57, 51, 45, 40, 36, 32, 28, 24, 20, 16, 12, 10].iter().flat_map(|n| [*n; 4]).collect();
        assert_eq!(got[..each.len()], each);
        assert!(got[each.len()..].iter().all(|n| *n == 10));
    }
}
