//! Random numbers that are the same on every machine.
//!
//! Each purpose of a run has a stream of its own, so that another platform or policy meets the same arrivals and the same
//! service times: differences between two runs are then the platforms' and not chance's.
//!
//! # Invariants
//! Only `+ - * /`, square roots and `libm`'s functions touch a sample: processors and systems agree on these to the bit.
//! # Sources
//! xoshiro256++ (Blackman and Vigna 2019), seeded by SplitMix64; the ziggurat of Marsaglia and Tsang (2000) for
//! exponential and normal samples, their squeeze (2000) for gamma ones.

mod ziggurat;

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use ziggurat::{EXPONENTIAL, NORMAL};

/// What a stream of random numbers is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// when requests arrive
    Arrivals = 1,
    /// how long they take
    Service = 2,
    /// how long instances take to start
    StartUp = 3,
    /// how the rate of arrivals changes
    Modulation = 4,
    /// how much of that is processor time
    Cpu = 5,
    /// how long idle instances are held
    Idle = 6,
    /// how long nodes take to start
    Nodes = 7,
}

/// One stream of random numbers.
#[derive(Debug, Clone)]
pub struct Stream {
    bits: Xoshiro256PlusPlus,
}

/// One step of SplitMix64: every input bit changes every output bit.
fn mixed(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

impl Stream {
    /// The stream of a purpose in one replication of a seed.
    pub fn new(seed: u64, replication: u64, purpose: Purpose) -> Self {
        let seed = mixed(mixed(mixed(seed) ^ replication) ^ purpose as u64);
        Self { bits: Xoshiro256PlusPlus::seed_from_u64(seed) }
    }

    /// Uniform, above 0 and below 1.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        unit(self.bits.next_u64())
    }

    /// Exponential with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        let bits = self.bits.next_u64();
        let (layer, x) = exponential_in_layer(bits);
        if x < EXPONENTIAL[layer + 1] { x } else { self.beside_layer(layer, x) }
    }

    /// `N` exponentials with mean 1, each given to `take` with its number: faster than one by one.
    ///
    /// The numbers that a rare sample needs more of are drawn behind those of the whole block.
    #[inline]
    pub fn exponentials<const N: usize>(&mut self, mut take: impl FnMut(usize, f64)) {
        let bits: [u64; N] = std::array::from_fn(|_| self.bits.next_u64());
        for (n, bits) in bits.into_iter().enumerate() {
            let (layer, x) = exponential_in_layer(bits);
            take(n, if x < EXPONENTIAL[layer + 1] { x } else { self.beside_layer(layer, x) });
        }
    }

    /// The rare cases of the ziggurat, until one is taken.
    #[cold]
    #[inline(never)]
    fn beside_layer(&mut self, mut layer: usize, mut x: f64) -> f64 {
        loop {
            if let Some(x) = self.beside_exponential(layer, x) {
                return x;
            }
            (layer, x) = exponential_in_layer(self.bits.next_u64());
            if x < EXPONENTIAL[layer + 1] {
                return x;
            }
        }
    }

    /// The tail, and the edge of a layer.
    fn beside_exponential(&mut self, layer: usize, x: f64) -> Option<f64> {
        if layer == 0 {
            return Some(EXPONENTIAL[1] - libm::log(self.unit()));
        }
        let [low, high] = [layer, layer + 1].map(|l| libm::exp(-EXPONENTIAL[l]));
        (low + (high - low) * self.unit() < libm::exp(-x)).then_some(x)
    }

    /// Normal with mean 0 and variance 1.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        loop {
            let bits = self.bits.next_u64();
            let layer = (bits & 0xff) as usize;
            let x = unit(bits) * NORMAL[layer];
            let sign = if bits & 0x100 == 0 { 1.0 } else { -1.0 };
            if x < NORMAL[layer + 1] {
                return sign * x;
            }
            if let Some(x) = self.beside_normal(layer, x) {
                return sign * x;
            }
        }
    }

    /// The rare cases of the ziggurat: the tail, and the edge of a layer.
    #[cold]
    fn beside_normal(&mut self, layer: usize, x: f64) -> Option<f64> {
        if layer == 0 {
            let edge = NORMAL[1];
            loop {
                let (beyond, y) = (-libm::log(self.unit()) / edge, -libm::log(self.unit()));
                if 2.0 * y > beyond * beyond {
                    return Some(edge + beyond);
                }
            }
        }
        let density = |x: f64| libm::exp(-0.5 * x * x);
        let [low, high] = [layer, layer + 1].map(|l| density(NORMAL[l]));
        (low + (high - low) * self.unit() < density(x)).then_some(x)
    }

    /// Gamma with this shape and scale 1.
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * libm::pow(self.unit(), 1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = 1.0 + c * x;
            if v <= 0.0 {
                continue;
            }
            let v = v * v * v;
            if libm::log(self.unit()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return d * v;
            }
        }
    }
}

/// A layer of the ziggurat, and a number in it.
#[inline]
fn exponential_in_layer(bits: u64) -> (usize, f64) {
    let layer = (bits & 0xff) as usize;
    (layer, unit(bits) * EXPONENTIAL[layer])
}

/// The upper 53 bits, centred in their steps.
#[inline]
fn unit(bits: u64) -> f64 {
    const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
    ((bits >> 11) as f64 + 0.5) * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of many samples.
    fn moments(mut sample: impl FnMut() -> f64) -> (f64, f64) {
        let n = 400_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = sample();
            sum += x;
            squares += x * x;
        }
        let mean = sum / f64::from(n);
        (mean, squares / f64::from(n) - mean * mean)
    }

    #[track_caller]
    fn near(got: f64, want: f64, within: f64) {
        assert!((got - want).abs() <= within, "{got} is not {want}");
    }

    #[test]
    fn samples_have_the_moments_of_their_laws() {
        let mut s = Stream::new(1, 0, Purpose::Service);
        let (mean, variance) = moments(|| s.unit());
        near(mean, 0.5, 0.002);
        near(variance, 1.0 / 12.0, 0.001);
        let (mean, variance) = moments(|| s.exponential());
        near(mean, 1.0, 0.008);
        near(variance, 1.0, 0.03);
        let (mean, variance) = moments(|| s.normal());
        near(mean, 0.0, 0.008);
        near(variance, 1.0, 0.015);
        for shape in [0.25, 1.0, 3.0] {
            let (mean, variance) = moments(|| s.gamma(shape));
            near(mean, shape, 0.015);
            near(variance, shape, 0.08);
        }
    }

    /// How often samples exceed a value, against what the law says.
    #[track_caller]
    fn tail_agrees(samples: &[f64], at: f64, p: f64) {
        let n = samples.len() as f64;
        let above = samples.iter().filter(|x| **x > at).count() as f64 / n;
        near(above, p, 4.5 * (p * (1.0 - p) / n).sqrt());
    }

    #[test]
    fn the_ziggurats_agree_with_their_laws_everywhere() {
        let mut s = Stream::new(2, 0, Purpose::Arrivals);
        let samples: Vec<f64> = (0..1_000_000).map(|_| s.exponential()).collect();
        for at in [0.001, 0.01, 0.1, 0.5, 1.0, 2.0, 4.0, 7.7, 9.0] {
            tail_agrees(&samples, at, libm::exp(-at));
        }
        let samples: Vec<f64> = (0..1_000_000).map(|_| s.normal()).collect();
        for at in [-3.9, -3.0, -1.0, -0.1, 0.0, 0.01, 0.3, 1.0, 2.0, 3.0, 3.655, 4.0] {
            tail_agrees(&samples, at, 0.5 * libm::erfc(at / 2.0_f64.sqrt()));
        }
    }

    #[test]
    fn streams_differ_by_seed_replication_and_purpose_and_repeat() {
        let first = |seed, replication, purpose| Stream::new(seed, replication, purpose).unit();
        let all = [
            first(1, 0, Purpose::Arrivals),
            first(2, 0, Purpose::Arrivals),
            first(1, 1, Purpose::Arrivals),
            first(1, 0, Purpose::Service),
        ];
        for (n, x) in all.iter().enumerate() {
            assert!(all[n + 1..].iter().all(|y| x != y));
        }
        assert_eq!(first(1, 0, Purpose::Arrivals), all[0]);
    }

    #[test]
    fn a_seed_gives_these_bits_on_every_machine() {
        let mut s = Stream::new(1, 0, Purpose::Arrivals);
        let digest = (0..100_000).fold(0_u64, |d, n| {
            let x = match n % 3 {
                0 => s.exponential(),
                1 => s.normal(),
                _ => s.gamma(0.7),
            };
            mixed(d ^ x.to_bits())
        });
        assert_eq!(digest, 7_458_172_167_917_253_437);
    }
}
