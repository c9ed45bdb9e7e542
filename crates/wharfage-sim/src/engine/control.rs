//! An autoscaler at work: what it reads of the run, and when.

use crate::{
    autoscaler::{Autoscaler, Reading},
    time::Nanos,
};

/// How long an autoscaler is waited for, beyond the horizon, that starts nothing while requests wait and nothing else happens.
pub const PATIENCE: Nanos = Nanos::from_secs(900);

/// Most decisions beyond the horizon: who still waits then is served by the instances that there are.
pub const MOST_LATE: u32 = 10_000;

/// A number that changes, and its integral over time.
///
/// The integral is the number times now, less every rise times its moment, plus every fall times its moment: a change costs one
/// addition, and may be told later than it happened.
#[derive(Debug, Default)]
pub struct Level {
    /// the number
    pub value: u64,
    /// the integral up to time 0, had the number always been what it is
    area: i128,
    /// what was last read, and when
    read: i128,
    read_at: u64,
}

impl Level {
    /// So many more since `at`.
    #[inline]
    pub fn rise(&mut self, n: u64, at: u64) {
        self.value += n;
        self.area -= i128::from(n) * i128::from(at);
    }

    /// So many fewer since `at`.
    #[inline]
    pub fn fall(&mut self, n: u64, at: u64) {
        self.value -= n;
        self.area += i128::from(n) * i128::from(at);
    }

    /// So many fewer since `then`, which is noticed only now: what was read meanwhile stands.
    pub fn fell(&mut self, n: u64, then: u64) {
        self.fall(n, then.max(self.read_at));
    }

    /// The integral since it was last read.
    fn read(&mut self, now: u64) -> f64 {
        self.read_at = now;
        let until = i128::from(self.value) * i128::from(now) + self.area;
        (until - std::mem::replace(&mut self.read, until)) as f64
    }
}

/// Requests and instances over time.
#[derive(Debug, Default)]
pub struct Gauge {
    /// requests in flight and waiting
    pub present: Level,
    /// requests in flight
    pub in_flight: Level,
    /// instances that are up and take requests
    pub ready: Level,
    /// vCPU in use, in thousandths
    pub milli_vcpus: Level,
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
        let lasted = (now - self.gauge.present.read_at) as f64;
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let gauge = &mut self.gauge;
        let (present, in_flight) = (gauge.present.read(now), gauge.in_flight.read(now));
        let (ready, milli_vcpus) = (gauge.ready.read(now), gauge.milli_vcpus.read(now));
        let reading = Reading {
            now: Nanos(now),
            concurrency: share(present, lasted),
            utilisation: share(in_flight, ready * f64::from(per_instance)),
            cpu: self.milli_vcpus.map(|all| share(milli_vcpus, ready * all as f64)),
            present: gauge.present.value,
            ready: gauge.ready.value,
            alive,
            per_instance,
            least: bounds.0,
            most: bounds.1,
        };
        self.by.decide(&reading)
    }
}
