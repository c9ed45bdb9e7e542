//! AWS App Runner: another instance when those there are have more requests than they may serve at once.
//!
//! # Sources
//! docs.aws.amazon.com/apprunner/latest/dg/manage-autoscaling.html: scales up when concurrent requests exceed the maximum
//! concurrency; from 1 to 25 instances, at least one of which is always provisioned. App Runner is closed to new customers.

use super::{
    Autoscaler, Kind, Parameter, Reading,
    parameter::{DAY, INTERVAL, seconds},
    time, whole,
};
use crate::{
    assumption::{Assumption, assumed},
    time::Nanos,
};

/// Parameters and memory.
#[derive(Debug, Clone, PartialEq)]
pub struct AppRunner {
    /// how often requests are compared
    pub every: Nanos,
    /// how long fewer instances must have been enough
    pub settle: Nanos,
    /// between two instances that go
    pub step_down: Nanos,
    enough_since: Option<Nanos>,
    last_down: Nanos,
}

impl Default for AppRunner {
    fn default() -> Self {
        Self {
            every: Nanos::from_secs(10),
            settle: Nanos::from_secs(300),
            step_down: Nanos::from_secs(60),
            enough_since: None,
            last_down: Nanos(0),
        }
    }
}

/// What a user can set.
pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "evaluation-interval",
        help: "how often requests present are compared with the concurrency",
        kind: Kind::Time(INTERVAL, |by| Some(&mut of(by)?.every)),
    },
    Parameter {
        name: "scale-in-delay",
        help: "how long one instance fewer must have been enough before one goes",
        kind: Kind::Time(seconds(0, DAY), |by| Some(&mut of(by)?.settle)),
    },
    Parameter {
        name: "scale-in-interval",
        help: "the least time between two instances that go",
        kind: Kind::Time(seconds(0, DAY), |by| Some(&mut of(by)?.step_down)),
    },
];

fn of(by: &mut Autoscaler) -> Option<&mut AppRunner> {
    if let Autoscaler::AppRunner(s) = by { Some(s) } else { None }
}

impl AppRunner {
    pub(super) fn tick(&self) -> Nanos {
        self.every
    }

    pub(super) fn assumptions(&self) -> Vec<Assumption> {
        let (every, step, settle) = (time(self.every), time(self.step_down), time(self.settle));
        vec![
            assumed!("App Runner: requests present are compared with the concurrency every {every}", every),
            assumed!(
                "App Runner: instances go one per {step} while one fewer would have been enough for {settle}",
                step,
                settle
            ),
            assumed!(
                "App Runner: an instance that is provisioned serves at once; only those above the minimum have to start"
            ),
        ]
    }

    pub(super) fn decide(&mut self, r: &Reading) -> Option<u64> {
        let wanted = whole(r.concurrency.max(r.present as f64) / f64::from(r.per_instance)).max(1);
        if wanted >= r.alive {
            self.enough_since = None;
            return (wanted > r.alive).then_some(wanted);
        }
        let since = *self.enough_since.get_or_insert(r.now);
        if r.now.0 - since.0 < self.settle.0 || r.now.0 - self.last_down.0 < self.step_down.0 {
            return None;
        }
        self.last_down = r.now;
        Some(r.alive - 1)
    }
}
