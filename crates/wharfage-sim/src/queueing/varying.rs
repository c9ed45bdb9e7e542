//! Mt/G/∞: how many requests are present where the rate follows the day and none waits.

use std::f64::consts::PI;

use super::{NoAnswer, positive};

/// Arrivals at a sinusoidal rate, exponential service, servers without limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MtGInf {
    load: f64,
    amplitude: f64,
    omega: f64,
    service: f64,
}

impl MtGInf {
    /// Mean arrivals per second, amplitude (0 to 1), period in seconds, and mean service in seconds.
    ///
    /// # Errors
    /// Where a value is not above zero, or the amplitude is not between 0 and 1.
    pub fn new(rate: f64, amplitude: f64, period: f64, service: f64) -> Result<Self, NoAnswer> {
        positive(&[rate, period, service])?;
        if !(0.0..=1.0).contains(&amplitude) {
            return Err(NoAnswer::Value);
        }
        Ok(Self { load: rate * service, amplitude, omega: 2.0 * PI / period, service })
    }

    /// Mean number of requests present over a period.
    pub fn mean(&self) -> f64 {
        self.load
    }

    /// How much the amplitude of the number of requests falls behind that of the rate.
    fn damped(&self) -> f64 {
        let x = self.omega * self.service;
        self.amplitude / (1.0 + x * x).sqrt()
    }

    /// Mean number of requests present so long after the rate was at its mean and rising.
    pub fn mean_at(&self, seconds: f64) -> f64 {
        let phase = self.omega * (seconds - self.peak_lag());
        self.load * (1.0 + self.damped() * libm::sin(phase))
    }

    /// Its highest value.
    pub fn max(&self) -> f64 {
        self.load * (1.0 + self.damped())
    }

    /// Its lowest value.
    pub fn min(&self) -> f64 {
        self.load * (1.0 - self.damped())
    }

    /// How much later the number of requests peaks than the rate, in seconds.
    pub fn peak_lag(&self) -> f64 {
        libm::atan(self.omega * self.service) / self.omega
    }
}

#[cfg(test)]
mod tests {
    use super::{super::near, *};

    #[test]
    fn the_number_present_follows_the_rate_late_and_damped() {
        let q = MtGInf::new(100.0, 0.8, 86_400.0, 30.0).unwrap();
        near(q.mean_at(0.0), 2994.76403716535);
        near(q.mean_at(21_600.0), 5399.98857690113);
        near(q.mean_at(64_800.0), 600.011423098872);
        near(q.max(), 5399.99428844377);
        near(q.min(), 600.005711556232);
        near(q.peak_lag(), 29.9999524036641);
        let q = MtGInf::new(2.0, 0.5, 600.0, 60.0).unwrap();
        near(q.mean_at(150.0), 163.017408019494);
        near(q.peak_lag(), 53.5698460589034);
    }
}
