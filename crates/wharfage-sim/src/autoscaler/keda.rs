//! KEDA with its HTTP add-on: between none and one by itself, from one on by the horizontal pod autoscaler.
//!
//! # Sources
//! kedacore/keda-docs `scaledobject-spec.md`: polling every 30 s, a cool-down of 300 s to none; kedacore/http-add-on
//! `http_scaled_object.md`: requests are held while the first pod starts, and none in flight before the last one goes.

use super::{
    Autoscaler, Hpa, Kind, Parameter, Reading,
    parameter::{DAY, INTERVAL, seconds},
    percent, time,
};
use crate::{
    assumption::{Assumption, assumed},
    time::Nanos,
};

/// Parameters and memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Keda {
    /// decides from one pod on
    pub hpa: Hpa,
    /// how often triggers are looked at
    pub polling: Nanos,
    /// how long no trigger was active before the last pod goes
    pub cooldown: Nanos,
    poll_at: Nanos,
    active_at: Nanos,
    /// have there been requests since the last poll
    requested: bool,
}

impl Default for Keda {
    fn default() -> Self {
        Self {
            hpa: Hpa::default(),
            polling: Nanos::from_secs(30),
            cooldown: Nanos::from_secs(300),
            poll_at: Nanos(0),
            active_at: Nanos(0),
            requested: false,
        }
    }
}

/// What a user can set, besides what the horizontal pod autoscaler has.
pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "polling-interval",
        help: "how often triggers are looked at",
        kind: Kind::Time(INTERVAL, |by| Some(&mut of(by)?.polling)),
    },
    Parameter {
        name: "cooldown-period",
        help: "how long no trigger was active before the last pod goes",
        kind: Kind::Time(seconds(0, DAY), |by| Some(&mut of(by)?.cooldown)),
    },
];

fn of(by: &mut Autoscaler) -> Option<&mut Keda> {
    if let Autoscaler::Keda(s) = by { Some(s) } else { None }
}

impl Keda {
    pub(super) fn tick(&self) -> Nanos {
        self.hpa.tick()
    }

    pub(super) fn assumptions(&self) -> Vec<Assumption> {
        let (poll, cooldown, target) = (time(self.polling), time(self.cooldown), percent(self.hpa.target));
        vec![
            assumed!("KEDA: a request that finds no pod starts one at once, and is held meanwhile"),
            assumed!(
                "KEDA: from one pod on, the horizontal pod autoscaler decides on requests present, held ones too, a target of {target} of the concurrency per pod",
                target
            ),
            assumed!(
                "KEDA: the last pod goes at a poll (every {poll}) when none since {cooldown} ago saw a request",
                poll,
                cooldown
            ),
        ]
    }

    pub(super) fn decide(&mut self, r: &Reading) -> Option<u64> {
        self.requested |= r.concurrency > 0.0 || r.present > 0;
        if r.now >= self.poll_at {
            self.poll_at = Nanos(r.now.0.saturating_add(self.polling.0));
            if std::mem::take(&mut self.requested) {
                self.active_at = r.now;
            } else if r.now.0 - self.active_at.0 >= self.cooldown.0 {
                return Some(0);
            }
        }
        // The add-on counts requests that are held, too: their sum, of which each pod should have its share.
        self.hpa.decide_by_sum(r, r.concurrency).map(|n| n.max(1))
    }
}
