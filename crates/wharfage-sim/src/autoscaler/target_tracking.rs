//! Target tracking of Amazon ECS services: two alarms on one-minute data, and cool-downs.
//!
//! # Sources
//! AWS Application Auto Scaling's documentation (target tracking, cool-downs, scale-out acts at once during a scale-in
//! cool-down); an ECS workshop shows the alarms: 3 of 3 above the target, 15 of 15 below nine tenths of it.

use super::{
    Autoscaler, Kind, Parameter, Reading,
    parameter::{DAY, seconds},
    percent, time, whole,
};
use crate::{
    assumption::{Assumption, assumed},
    time::Nanos,
};

/// Parameters and memory.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetTracking {
    /// what the metric should be
    pub target: f64,
    /// data points above the target before tasks are added
    pub out_after: u64,
    /// data points below `low` times the target before tasks are removed
    pub in_after: u64,
    /// the lower alarm's share of the target: 0.9 for ECS, 0.7 for EC2's groups
    pub low: f64,
    /// no more tasks are added so long after some were
    pub cooldown_out: Nanos,
    /// no more tasks are removed so long after some were
    pub cooldown_in: Nanos,
    above: u64,
    below: u64,
    last_out: Option<Nanos>,
    last_in: Option<Nanos>,
}

impl Default for TargetTracking {
    fn default() -> Self {
        let five = Nanos::from_secs(300);
        Self {
            target: 0.6,
            out_after: 3,
            in_after: 15,
            low: 0.9,
            cooldown_out: five,
            cooldown_in: five,
            above: 0,
            below: 0,
            last_out: None,
            last_in: None,
        }
    }
}

/// What a user can set.
pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "target",
        help: "what the metric should be: a share of the CPU with --cpu-time, else of the concurrency",
        kind: Kind::Share(|by| Some(&mut of(by)?.target)),
    },
    Parameter {
        name: "scale-out-datapoints",
        help: "minutes above the target before tasks are added",
        kind: Kind::Whole(1..=1_440, |by| Some(&mut of(by)?.out_after)),
    },
    Parameter {
        name: "scale-in-datapoints",
        help: "minutes below the lower alarm before tasks are removed",
        kind: Kind::Whole(1..=1_440, |by| Some(&mut of(by)?.in_after)),
    },
    Parameter {
        name: "scale-in-alarm",
        help: "the lower alarm's share of the target (0.7 for groups of EC2 instances)",
        kind: Kind::Share(|by| Some(&mut of(by)?.low)),
    },
    Parameter {
        name: "scale-out-cooldown",
        help: "no more tasks are added so long after some were",
        kind: Kind::Time(seconds(0, DAY), |by| Some(&mut of(by)?.cooldown_out)),
    },
    Parameter {
        name: "scale-in-cooldown",
        help: "no more tasks are removed so long after some were",
        kind: Kind::Time(seconds(0, DAY), |by| Some(&mut of(by)?.cooldown_in)),
    },
];

fn of(by: &mut Autoscaler) -> Option<&mut TargetTracking> {
    if let Autoscaler::TargetTracking(s) = by { Some(s) } else { None }
}

impl TargetTracking {
    /// The lower alarm's share of the target for EC2's Auto Scaling groups.
    pub const LOW_OF_GROUPS: f64 = 0.7;

    /// As groups of EC2 instances have it: the lower alarm at seven tenths of the target.
    pub fn of_a_group() -> Self {
        Self { low: Self::LOW_OF_GROUPS, ..Self::default() }
    }

    pub(super) fn assumptions(&self) -> Vec<Assumption> {
        let (target, low) = (percent(self.target), percent(self.low));
        let (out, back) = (time(self.cooldown_out), time(self.cooldown_in));
        vec![
            assumed!(
                "target tracking: the metric is the mean use of the tasks over a minute (of their CPU with --cpu-time, else of their concurrency), a target of {target}",
                target
            ),
            assumed!(
                "target tracking: tasks are added when {above} minutes were above the target and removed when {below} were below {low} of it; cool-downs of {out} and {back}",
                above = self.out_after,
                below = self.in_after,
                low,
                out,
                back
            ),
            assumed!(
                "target tracking: the new number of tasks is ⌈running × metric ÷ target⌉ in both directions; AWS does not publish its rounding"
            ),
            assumed!("target tracking: alarms see each minute as it ends"),
        ]
    }

    pub(super) fn tick(&self) -> Nanos {
        Nanos::from_secs(60)
    }

    pub(super) fn decide(&mut self, r: &Reading) -> Option<u64> {
        if r.ready == 0 { None } else { self.step(r.now, r.alive, r.cpu.unwrap_or(r.utilisation)) }
    }

    /// Tasks that are wanted after a minute with this metric; `None`: as many as there are.
    pub fn step(&mut self, now: Nanos, running: u64, metric: f64) -> Option<u64> {
        self.above = if metric > self.target { self.above + 1 } else { 0 };
        self.below = if metric < self.low * self.target { self.below + 1 } else { 0 };
        let over = |last: Option<Nanos>, cooldown: Nanos| last.is_none_or(|at| now.0 - at.0 >= cooldown.0);
        let wanted = whole(running as f64 * metric / self.target);
        if self.above >= self.out_after && wanted > running && over(self.last_out, self.cooldown_out) {
            // A scale-out acts at once during the other cool-down, and ends it.
            (self.last_out, self.last_in) = (Some(now), None);
            return Some(wanted);
        }
        let settled = over(self.last_out, self.cooldown_out) && over(self.last_in, self.cooldown_in);
        if self.below >= self.in_after && wanted < running && settled {
            self.last_in = Some(now);
            return Some(wanted);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_load_is_followed_after_three_minutes_and_left_after_fifteen() {
        let mut scaler = TargetTracking { target: 50.0, ..TargetTracking::default() };
        let (mut running, mut series) = (2, Vec::new());
        for minute in 0..75_u64 {
            series.push(running);
            let load = match minute {
                0..5 => 100.0,
                5..40 => 400.0,
                _ => 60.0,
            };
            if let Some(wanted) = scaler.step(Nanos::from_secs(60 * minute), running, load / running as f64) {
                running = wanted;
            }
        }
        assert_eq!(series, [vec![2; 8], vec![8; 47], vec![2; 20]].concat());
    }
}
