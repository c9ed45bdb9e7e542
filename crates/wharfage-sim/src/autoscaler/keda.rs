//! KEDA with its HTTP add-on: between none and one by itself, from one on by the horizontal pod autoscaler.
//!
//! # Sources
//! kedacore/keda-docs `scaledobject-spec.md`: polling every 30 s, a cool-down of 300 s to none; kedacore/http-add-on
//! `http_scaled_object.md`: requests are held while the first pod starts, and none in flight before the last one goes.

use super::{Hpa, Reading};
use crate::time::Nanos;

pub(super) const ASSUMPTIONS: &[&str] = &[
    "KEDA: a request that finds no pod starts one at once, and is held meanwhile",
    "KEDA: from one pod on, the horizontal pod autoscaler decides on requests present, held ones too, a target of 60 %",
];

/// Parameters and memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Keda {
    /// decides from one pod on
    pub hpa: Hpa,
    /// how long there is no request before the last pod goes
    pub cooldown: Nanos,
    empty_since: Option<Nanos>,
}

impl Default for Keda {
    fn default() -> Self {
        Self { hpa: Hpa::default(), cooldown: Nanos::from_secs(300), empty_since: None }
    }
}

impl Keda {
    pub(super) fn tick(&self) -> Nanos {
        self.hpa.tick()
    }

    pub(super) fn decide(&mut self, r: &Reading) -> Option<u64> {
        if r.concurrency > 0.0 || r.present > 0 {
            self.empty_since = None;
        } else {
            let since = *self.empty_since.get_or_insert(r.now);
            if r.now.0 - since.0 >= self.cooldown.0 {
                return Some(0);
            }
        }
        // The add-on counts requests that are held, too: the mean per pod, not the share of its concurrency.
        let pods = r.ready.max(1) as f64;
        let utilisation = r.concurrency / (pods * f64::from(r.per_instance));
        self.hpa.decide(&Reading { utilisation, cpu: None, ..*r }).map(|n| n.max(1))
    }
}
