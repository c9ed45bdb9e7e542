//! Poisson arrivals and any service law: one server, first come first served or shared, and servers without limit.

use super::{NoAnswer, positive};

/// M/G/1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mg1 {
    rate: f64,
    service: f64,
    scv: f64,
}

impl Mg1 {
    /// Arrivals per second, mean service in seconds, and its variance over the square of its mean.
    ///
    /// # Errors
    /// Where the load is not below one, or a value is not above zero.
    pub fn new(rate: f64, service: f64, scv: f64) -> Result<Self, NoAnswer> {
        positive(&[rate, service])?;
        if !(0.0..f64::INFINITY).contains(&scv) {
            return Err(NoAnswer::Value);
        }
        let q = Self { rate, service, scv };
        if q.rho() < 1.0 { Ok(q) } else { Err(NoAnswer::Unstable) }
    }

    /// Share of time that the server is busy; first come first served, also the share of requests that wait.
    pub fn rho(&self) -> f64 {
        self.rate * self.service
    }

    /// Mean wait, first come first served (Pollaczek and Khinchine).
    pub fn wait_mean(&self) -> f64 {
        self.rho() * self.service * (1.0 + self.scv) / 2.0 / (1.0 - self.rho())
    }

    /// Mean time from arrival to completion, first come first served.
    pub fn sojourn_mean(&self) -> f64 {
        self.wait_mean() + self.service
    }

    /// Mean time from arrival to completion where all requests share the server; the law's variation makes no difference.
    pub fn shared_sojourn_mean(&self) -> f64 {
        self.service / (1.0 - self.rho())
    }

    /// Mean number of requests present at a time per request.
    pub fn number_mean(&self, sojourn: f64) -> f64 {
        self.rate * sojourn
    }
}

/// M/G/∞: an instance whose concurrency is never full. Holds for any service law of this mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MgInf {
    rate: f64,
    service: f64,
}

impl MgInf {
    /// Arrivals per second and mean service in seconds.
    ///
    /// # Errors
    /// Where a value is not above zero.
    pub fn new(rate: f64, service: f64) -> Result<Self, NoAnswer> {
        positive(&[rate, service])?;
        Ok(Self { rate, service })
    }

    /// Mean number of requests present, and its variance.
    pub fn number_mean(&self) -> f64 {
        self.rate * self.service
    }

    /// Share of time without a request.
    pub fn p_empty(&self) -> f64 {
        libm::exp(-self.number_mean())
    }

    /// Share of time with one: what billing by request charges of an instance.
    pub fn active_fraction(&self) -> f64 {
        -libm::expm1(-self.number_mean())
    }

    /// Mean length of an interval with requests.
    pub fn busy_period_mean(&self) -> f64 {
        libm::expm1(self.number_mean()) / self.rate
    }

    /// How many such intervals begin in a second.
    pub fn busy_periods_per_s(&self) -> f64 {
        self.rate * self.p_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::near, *};

    #[test]
    fn waits_of_one_server_grow_with_the_variation() {
        for (rate, service, scv, wait) in
            [(0.8, 1.0, 0.0, 2.0), (6.0, 0.1, 0.5, 0.1125), (0.5, 1.0, 2.25, 1.625), (0.6, 1.0, 1.0 / 3.0, 1.0)]
        {
            let q = Mg1::new(rate, service, scv).unwrap();
            near(q.wait_mean(), wait);
            near(q.sojourn_mean(), wait + service);
        }
        let shared = Mg1::new(40.0, 0.02, 7.0).unwrap();
        near(shared.shared_sojourn_mean(), 0.1);
        near(shared.number_mean(0.1), 4.0);
        assert_eq!(Mg1::new(1.0, 1.0, 1.0), Err(NoAnswer::Unstable));
    }

    #[test]
    fn an_instance_that_never_fills_is_active_most_of_the_time() {
        let q = MgInf::new(0.9, 1.991).unwrap();
        near(q.p_empty(), 0.166643246517007);
        near(q.active_fraction(), 0.833356753482993);
        near(q.busy_period_mean(), 5.55649249320127);
        near(q.busy_periods_per_s(), 0.149978921865306);
    }
}
