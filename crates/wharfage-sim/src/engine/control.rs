//! An autoscaler at work: what it reads of the run, and when.

use crate::{
    autoscaler::{Autoscaler, Reading},
    time::Nanos,
};

/// How long an autoscaler is waited for, beyond the horizon, that starts nothing while requests wait and nothing else happens.
pub const PATIENCE: Nanos = Nanos::from_secs(900);

/// Most decisions beyond the horizon: who still waits then is served by the instances that there are.
pub const MOST_LATE: u32 = 10_000;

/// Requests and instances over time.
#[derive(Debug, Default)]
pub struct Gauge {
    /// requests in flight and waiting
    pub present: u64,
    /// requests in flight
    pub in_flight: u64,
    /// instances that are up and take requests
    pub ready: u64,
    /// vCPU in use, in thousandths
    pub milli_vcpus: u64,
    since: u64,
    read_at: u64,
    present_ns: u128,
    in_flight_ns: u128,
    ready_ns: u128,
    milli_vcpu_ns: u128,
}

impl Gauge {
    /// The gauge, after what has lasted until now is added up.
    pub fn at(&mut self, now: u64) -> &mut Self {
        let lasted = u128::from(now.saturating_sub(self.since));
        self.present_ns += u128::from(self.present) * lasted;
        self.in_flight_ns += u128::from(self.in_flight) * lasted;
        self.ready_ns += u128::from(self.ready) * lasted;
        self.milli_vcpu_ns += u128::from(self.milli_vcpus) * lasted;
        self.since = self.since.max(now);
        self
    }

    /// One request less has been there since `then`.
    pub fn gave_up(&mut self, then: u64) {
        self.at(then).present -= 1;
        self.present_ns -= u128::from(self.unnoticed(then));
    }

    /// One instance less has been up since `then`.
    pub fn gone(&mut self, then: u64) {
        self.at(then).ready -= 1;
        self.ready_ns -= u128::from(self.unnoticed(then));
    }

    /// How long what changed of its own accord has been counted beyond that, since the last reading.
    fn unnoticed(&self, then: u64) -> u64 {
        self.since - then.max(self.read_at).min(self.since)
    }
}

/// An autoscaler and what it reads.
#[derive(Debug)]
pub struct Control {
    /// what it reads
    pub gauge: Gauge,
    by: Autoscaler,
    /// vCPUs of an instance, in thousandths, where their use is modelled
    milli_vcpus: Option<u64>,
}

impl Control {
    /// One that has read nothing yet.
    pub fn new(by: Autoscaler, milli_vcpus: Option<u64>) -> Self {
        Self { gauge: Gauge::default(), by, milli_vcpus }
    }

    /// How long until the next reading.
    pub fn tick(&self) -> u64 {
        self.by.tick().0.max(1)
    }

    /// What it wants now, of `alive` instances, where there may be so few and so many.
    pub fn decide(&mut self, now: u64, alive: u64, per_instance: u32, bounds: (u64, u64)) -> Option<u64> {
        let gauge = self.gauge.at(now);
        let lasted = (now - gauge.read_at) as f64;
        let share = |part: u128, whole: f64| if whole > 0.0 { part as f64 / whole } else { 0.0 };
        let reading = Reading {
            now: Nanos(now),
            concurrency: share(gauge.present_ns, lasted),
            utilisation: share(gauge.in_flight_ns, gauge.ready_ns as f64 * f64::from(per_instance)),
            cpu: self.milli_vcpus.map(|all| share(gauge.milli_vcpu_ns, gauge.ready_ns as f64 * all as f64)),
            present: gauge.present,
            ready: gauge.ready,
            alive,
            per_instance,
            least: bounds.0,
            most: bounds.1,
        };
        (gauge.present_ns, gauge.in_flight_ns, gauge.ready_ns, gauge.milli_vcpu_ns) = (0, 0, 0, 0);
        gauge.read_at = now;
        self.by.decide(&reading)
    }
}
