//! GI/M/1: any independent gaps between arrivals, exponential service, one server.

use super::{NoAnswer, crossing, positive};
use crate::law::{Law, balanced};

/// GI/M/1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GiM1 {
    rate: f64,
    service: f64,
    sigma: f64,
}

impl GiM1 {
    /// The law of gaps and the mean service in seconds.
    ///
    /// # Errors
    /// Where the load is not below one, a value is not above zero, or the law is one that has no such form, such as a lognormal one.
    pub fn new(gaps: &Law, service: f64) -> Result<Self, NoAnswer> {
        let gap = gaps.mean().as_f64() / 1e9;
        positive(&[gap, service])?;
        if !has_transform(gaps) {
            return Err(NoAnswer::Value);
        }
        if service >= gap {
            return Err(NoAnswer::Unstable);
        }
        // The root below one of σ = A*(μ (1 − σ)); one itself is another.
        let sigma = crossing(0.0, 1.0 - 1e-12, |sigma| transform(gaps, gap, (1.0 - sigma) / service) - sigma);
        Ok(Self { rate: 1.0 / gap, service, sigma })
    }

    /// Share of time that the server is busy.
    pub fn rho(&self) -> f64 {
        self.rate * self.service
    }

    /// Probability that a request waits.
    pub fn p_wait(&self) -> f64 {
        self.sigma
    }

    /// Mean time from arrival to completion.
    pub fn sojourn_mean(&self) -> f64 {
        self.service / (1.0 - self.sigma)
    }

    /// Mean wait.
    pub fn wait_mean(&self) -> f64 {
        self.sojourn_mean() * self.sigma
    }

    /// Mean number of requests present.
    pub fn number_mean(&self) -> f64 {
        self.rate * self.sojourn_mean()
    }

    /// The time from arrival to completion that a share `q` of requests does not exceed.
    pub fn sojourn_quantile(&self, q: f64) -> f64 {
        -libm::log(1.0 - q) * self.sojourn_mean()
    }
}

fn has_transform(law: &Law) -> bool {
    match law {
        Law::Lognormal { .. } | Law::Pareto { .. } | Law::Weibull { .. } => false,
        Law::Later { law, .. } => has_transform(law),
        _ => true,
    }
}

/// The Laplace transform of a law of this mean, at `s`.
fn transform(law: &Law, mean: f64, s: f64) -> f64 {
    match law {
        Law::Constant(_) => libm::exp(-s * mean),
        Law::Exponential(_) | Law::Lognormal { .. } | Law::Pareto { .. } | Law::Weibull { .. } => {
            1.0 / (1.0 + s * mean)
        }
        Law::Empirical(measured) => measured.transform(s),
        Law::Later { by, law } => libm::exp(-s * by.as_f64() / 1e9) * transform(law, law.mean().as_f64() / 1e9, s),
        Law::Gamma { cv, .. } => libm::exp(-libm::log1p(s * mean * cv * cv) / (cv * cv)),
        Law::Hyperexponential { .. } => {
            let (p, first, second) = balanced(mean, law.scv());
            p / (1.0 + s * first) + (1.0 - p) / (1.0 + s * second)
        }
        Law::Uniform { from, to } => {
            let (from, width) = (from.as_f64() / 1e9, (to.as_f64() - from.as_f64()) / 1e9);
            let x = s * width;
            libm::exp(-s * from) * if x == 0.0 { 1.0 } else { -libm::expm1(-x) / x }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{near_by, *},
        *,
    };
    use crate::Nanos;

    #[test]
    fn regular_arrivals_wait_less_and_bursty_ones_more() {
        let mean = |rate: f64| Nanos((1e9 / rate).round() as u64);
        let third = (1.0_f64 / 3.0).sqrt();
        let cases = [
            (Law::Constant(mean(0.8)), 0.628629796496947, 2.6927308399199, 12.4004837828898),
            (Law::Gamma { mean: mean(0.7), cv: third }, 0.575862747448592, 2.35772734883455, 10.8577356935416),
            (Law::Hyperexponential { mean: mean(0.6), cv: 2.0 }, 0.774423588078006, 4.43308762418744, 20.4151229587808),
        ];
        for (gaps, p_wait, sojourn, p99) in cases {
            let q = GiM1::new(&gaps, 1.0).unwrap();
            // A gap is whole nanoseconds, which shows in the tenth digit.
            near_by(q.p_wait(), p_wait, 2e-9);
            near_by(q.sojourn_mean(), sojourn, 4e-9);
            near_by(q.sojourn_quantile(0.99), p99, 4e-9);
        }
        assert_eq!(GiM1::new(&Law::Constant(Nanos::from_secs(1)), 1.0), Err(NoAnswer::Unstable));
    }
}
