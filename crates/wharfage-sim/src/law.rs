//! How long things take: the distributions of service times, start-up times and gaps between arrivals.

use std::sync::Arc;

use crate::{
    empirical::Empirical,
    random::Stream,
    time::{Nanos, rounded},
};

/// A distribution of a length of time.
///
/// ```
/// use wharfage_sim::{Law, Nanos};
/// let law = Law::lognormal(Nanos::from_micros(80_000), 1.0);
/// assert_eq!(law.mean().0, 80_000_000);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Law {
    /// always the same
    Constant(Nanos),
    /// exponential with this mean
    Exponential(Nanos),
    /// the exponential of a normal variable
    Lognormal {
        /// mean
        mean: Nanos,
        /// standard deviation over mean
        cv: f64,
    },
    /// gamma; Erlang where `1 / cv²` is whole
    Gamma {
        /// mean
        mean: Nanos,
        /// standard deviation over mean
        cv: f64,
    },
    /// one of two exponentials with balanced means; `cv` above 1
    Hyperexponential {
        /// mean
        mean: Nanos,
        /// standard deviation over mean
        cv: f64,
    },
    /// uniform from 0 to this
    Uniform {
        /// the least
        from: Nanos,
        /// the most
        to: Nanos,
    },
    /// a power law, cut off at both ends: the logarithm of the probability to exceed a time falls by `alpha` times its own
    Pareto {
        /// the least, above 0
        from: Nanos,
        /// the most
        to: Nanos,
        /// how fast long times become rare, above 0
        alpha: f64,
    },
    /// an exponential raised to the power `1 / shape`
    Weibull {
        /// mean
        mean: Nanos,
        /// below 1, long times are more likely the longer one has waited; 1 is exponential
        shape: f64,
    },
    /// as measured
    Empirical(Arc<Empirical>),
    /// what another law says, and a constant time more
    Later {
        /// the time more
        by: Nanos,
        /// the other law
        law: Box<Law>,
    },
}

impl Law {
    /// The same, so much later.
    #[must_use]
    pub fn later_by(self, by: Nanos) -> Self {
        match self {
            Self::Constant(t) => Self::Constant(Nanos(t.0.saturating_add(by.0))),
            law => Self::Later { by, law: Box::new(law) },
        }
    }

    /// A lognormal law by its own mean, not that of its logarithm.
    pub const fn lognormal(mean: Nanos, cv: f64) -> Self {
        Self::Lognormal { mean, cv }
    }

    /// The mean.
    pub fn mean(&self) -> Nanos {
        match self {
            Self::Constant(mean) | Self::Exponential(mean) => *mean,
            Self::Lognormal { mean, .. } | Self::Gamma { mean, .. } | Self::Hyperexponential { mean, .. } => *mean,
            Self::Uniform { from, to } => Nanos(from.0 / 2 + to.0 / 2 + (from.0 & to.0 & 1)),
            Self::Pareto { from, to, alpha } => Nanos(rounded(pareto_moment(from.as_f64(), to.as_f64(), *alpha, 1.0))),
            Self::Weibull { mean, .. } => *mean,
            Self::Empirical(measured) => measured.mean(),
            Self::Later { by, law } => Nanos(law.mean().0.saturating_add(by.0)),
        }
    }

    /// Variance over the square of the mean.
    pub fn scv(&self) -> f64 {
        match self {
            Self::Constant(_) => 0.0,
            Self::Exponential(_) => 1.0,
            Self::Lognormal { cv, .. } | Self::Gamma { cv, .. } | Self::Hyperexponential { cv, .. } => cv * cv,
            Self::Uniform { from, to } => {
                let (width, mean) = (to.as_f64() - from.as_f64(), self.mean().as_f64());
                if mean > 0.0 { width * width / 12.0 / (mean * mean) } else { 0.0 }
            }
            Self::Pareto { from, to, alpha } => {
                let [mean, square] = [1.0, 2.0].map(|k| pareto_moment(from.as_f64(), to.as_f64(), *alpha, k));
                square / (mean * mean) - 1.0
            }
            Self::Weibull { shape, .. } => {
                let [first, second] = [1.0, 2.0].map(|k| libm::lgamma(1.0 + k / shape));
                libm::expm1(second - 2.0 * first)
            }
            Self::Empirical(measured) => measured.scv(),
            Self::Later { law, .. } => {
                let share = law.mean().as_f64() / self.mean().as_f64().max(1.0);
                law.scv() * share * share
            }
        }
    }

    /// The law's sampler, its constants worked out.
    pub(crate) fn sampler(&self) -> Sampler {
        match self {
            Self::Constant(t) => Sampler::Constant(t.as_f64()),
            Self::Exponential(mean) => Sampler::Exponential(mean.as_f64()),
            Self::Lognormal { mean, .. } | Self::Gamma { mean, .. } if mean.0 == 0 || self.scv() == 0.0 => {
                Sampler::Constant(mean.as_f64())
            }
            Self::Lognormal { mean, cv } => {
                let variance = libm::log1p(cv * cv);
                Sampler::Lognormal { mu: libm::log(mean.as_f64()) - variance / 2.0, sigma: variance.sqrt() }
            }
            Self::Gamma { mean, cv } => Sampler::Gamma { shape: 1.0 / (cv * cv), scale: mean.as_f64() * cv * cv },
            Self::Hyperexponential { mean, .. } => {
                let (p, first, second) = balanced(mean.as_f64(), self.scv());
                Sampler::Hyperexponential { p, first, second }
            }
            Self::Uniform { from, to } => Sampler::Uniform { from: from.as_f64(), width: to.as_f64() - from.as_f64() },
            Self::Pareto { from, to, alpha } => Sampler::Pareto {
                from: from.as_f64(),
                cut: -libm::expm1(alpha * libm::log(from.as_f64() / to.as_f64())),
                power: -1.0 / alpha,
            },
            Self::Weibull { mean, shape } => Sampler::Weibull {
                scale: mean.as_f64() / libm::exp(libm::lgamma(1.0 + 1.0 / shape)),
                power: 1.0 / shape,
            },
            Self::Empirical(measured) => Sampler::Empirical(Arc::clone(measured)),
            Self::Later { by, law } => Sampler::Later { by: by.as_f64(), than: Box::new(law.sampler()) },
        }
    }
}

/// Two exponentials with balanced means: the first one's probability, and both means.
pub(crate) fn balanced(mean: f64, scv: f64) -> (f64, f64, f64) {
    let p = (1.0 + ((scv - 1.0).max(0.0) / (scv + 1.0)).sqrt()) / 2.0;
    (p, mean / (2.0 * p), mean / (2.0 * (1.0 - p)))
}

/// The mean of the `k`-th power of a power law that is cut off.
fn pareto_moment(from: f64, to: f64, alpha: f64, k: f64) -> f64 {
    let ratio = libm::log(to / from);
    // ∫ x^(k - alpha - 1) over the ratio of the ends; its limit where the power of x is -1.
    let power = k - alpha;
    let integral = if power.abs() * ratio < 1e-9 { ratio } else { libm::expm1(power * ratio) / power };
    let whole = -libm::expm1(-alpha * ratio) / alpha;
    libm::pow(from, k) * if whole == 0.0 { 1.0 } else { integral / whole }
}

/// A law ready to be sampled, in nanoseconds.
#[derive(Debug, Clone)]
pub(crate) enum Sampler {
    Constant(f64),
    Exponential(f64),
    Lognormal { mu: f64, sigma: f64 },
    Gamma { shape: f64, scale: f64 },
    Hyperexponential { p: f64, first: f64, second: f64 },
    Uniform { from: f64, width: f64 },
    Pareto { from: f64, cut: f64, power: f64 },
    Weibull { scale: f64, power: f64 },
    Empirical(Arc<Empirical>),
    Later { by: f64, than: Box<Sampler> },
}

impl Sampler {
    /// One sample.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Constant(t) => *t,
            Self::Exponential(mean) => mean * stream.exponential(),
            Self::Lognormal { mu, sigma } => libm::exp(mu + sigma * stream.normal()),
            Self::Gamma { shape, scale } => scale * stream.gamma(*shape),
            Self::Hyperexponential { p, first, second } => {
                let mean = if stream.unit() < *p { first } else { second };
                mean * stream.exponential()
            }
            Self::Uniform { from, width } => from + width * stream.unit(),
            Self::Pareto { from, cut, power } => from * libm::pow(1.0 - cut * stream.unit(), *power),
            Self::Weibull { scale, power } => scale * libm::pow(stream.exponential(), *power),
            Self::Empirical(measured) => measured.sample(stream) as f64,
            Self::Later { by, than } => by + than.sample(stream),
        }
    }

    /// Many samples in whole nanoseconds.
    fn fill(&self, stream: &mut Stream, all: &mut [u64; Draws::BLOCK]) {
        match self {
            Self::Constant(t) => all.fill(rounded(*t)),
            // The most common one in a loop of its own, which then runs at the speed of the random numbers.
            Self::Exponential(mean) => stream.exponentials::<{ Draws::BLOCK }>(|n, x| all[n] = rounded(mean * x)),
            _ => all.iter_mut().for_each(|ns| *ns = rounded(self.sample(stream))),
        }
    }
}

/// Samples of a law, drawn ahead in blocks: nothing then waits for a sample when it is wanted.
///
/// # Invariants
/// Nothing else takes from the stream.
#[derive(Debug, Clone)]
pub(crate) struct Draws {
    law: Sampler,
    stream: Stream,
    block: [u64; Self::BLOCK],
    taken: usize,
}

impl Draws {
    const BLOCK: usize = 64;

    /// Samples of a law from a stream of its own.
    pub fn new(law: &Law, stream: Stream) -> Self {
        Self { law: law.sampler(), stream, block: [0; Self::BLOCK], taken: Self::BLOCK }
    }

    /// The next sample, in whole nanoseconds.
    #[inline]
    pub fn next(&mut self) -> u64 {
        if self.taken == Self::BLOCK {
            self.refill();
        }
        self.taken += 1;
        self.block[(self.taken - 1) % Self::BLOCK]
    }

    #[inline(never)]
    fn refill(&mut self) {
        self.law.fill(&mut self.stream, &mut self.block);
        self.taken = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn samples_have_the_mean_and_variation_of_their_law() {
        let mean = Nanos::from_micros(80_000);
        let laws = [
            Law::Constant(mean),
            Law::Exponential(mean),
            Law::lognormal(mean, 1.0),
            Law::Gamma { mean, cv: 0.5 },
            Law::Hyperexponential { mean, cv: 2.0 },
            Law::Uniform { from: Nanos(0), to: Nanos::from_micros(160_000) },
            Law::Exponential(mean).later_by(mean),
            Law::Pareto { from: Nanos::from_micros(10_000), to: Nanos::from_secs(1), alpha: 2.5 },
            Law::Pareto { from: Nanos::from_micros(10_000), to: Nanos::from_secs(1), alpha: 1.0 },
            Law::Weibull { mean, shape: 1.5 },
            Law::Empirical(Arc::new(Empirical::new(&[(1_000_000, 2.0), (7_000_000, 1.0)]).unwrap())),
        ];
        for law in laws {
            let mut draws = Draws::new(&law, Stream::new(3, 0, Purpose::Service));
            let n = 400_000;
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..n {
                let x = draws.next() as f64 / law.mean().as_f64();
                sum += x;
                squares += x * x;
            }
            let got = sum / f64::from(n);
            let scv = squares / f64::from(n) / (got * got) - 1.0;
            assert!((got - 1.0).abs() < 0.012, "{law:?}: mean {got}");
            assert!((scv - law.scv()).abs() < 0.06 * law.scv().max(0.01), "{law:?}: scv {scv}");
        }
    }
    #[test]
    fn moments_of_cut_power_laws_and_weibull_laws_are_the_known_ones() {
        let pareto = |alpha| Law::Pareto { from: Nanos::from_secs(1), to: Nanos::from_secs(1_000), alpha };
        // Worked out with 50 digits: the mean in nanoseconds and the variance over its square.
        #[rustfmt::skip]
        let cases = [
            (pareto(1.5),                                              2_905_223_541, 9.884_799_8),
            (pareto(1.0),                                              6_914_669_949, 19.914_962_5),
            (pareto(2.0),                                              1_998_001_998, 2.460_792_3),
            (Law::Weibull { mean: Nanos::from_secs(2), shape: 0.5 },   2_000_000_000, 5.0),
            (Law::Weibull { mean: Nanos::from_secs(2), shape: 1.0 },   2_000_000_000, 1.0),
        ];
        for (law, mean, scv) in cases {
            assert!(law.mean().0.abs_diff(mean) <= 1, "{law:?}: mean {:?}", law.mean());
            assert!((law.scv() - scv).abs() < 1e-6, "{law:?}: scv {}", law.scv());
        }
    }
}
