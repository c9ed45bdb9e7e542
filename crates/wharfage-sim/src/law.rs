//! How long things take: the distributions of service times, start-up times and gaps between arrivals.

use crate::{
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
}

impl Law {
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
        }
    }

    /// The law's sampler, its constants worked out.
    pub(crate) fn sampler(&self) -> Sampler {
        match *self {
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
        }
    }
}

/// Two exponentials with balanced means: the first one's probability, and both means.
pub(crate) fn balanced(mean: f64, scv: f64) -> (f64, f64, f64) {
    let p = (1.0 + ((scv - 1.0).max(0.0) / (scv + 1.0)).sqrt()) / 2.0;
    (p, mean / (2.0 * p), mean / (2.0 * (1.0 - p)))
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
        self.block[self.taken - 1]
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
}
