//! Random numbers that are the same on every machine.
//!
//! Each purpose of a run has a stream of its own, so that another platform or policy meets the same arrivals and the same
//! service times: differences between two runs are then the platforms' and not chance's.
//!
//! # Invariants
//! Only `+ - * /`, square roots and `libm`'s functions touch a sample: processors and systems agree on these to the bit.
//! # Sources
//! xoshiro256++ (Blackman and Vigna 2019), seeded by SplitMix64; the ziggurat of Marsaglia and Tsang (2000) for
//! exponential samples, their polar method for normal ones and their squeeze (2000) for gamma ones.

use std::sync::LazyLock;

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

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
    ziggurat: &'static Ziggurat,
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
        Self { bits: Xoshiro256PlusPlus::seed_from_u64(seed), ziggurat: &ZIGGURAT }
    }

    /// Uniform, above 0 and below 1.
    pub fn unit(&mut self) -> f64 {
        unit(self.bits.next_u64())
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        loop {
            let bits = self.bits.next_u64();
            let layer = (bits & 0xff) as usize;
            let x = unit(bits) * self.ziggurat.x[layer];
            if x < self.ziggurat.x[layer + 1] {
                return x;
            }
            if let Some(x) = self.beside_the_layer(layer, x) {
                return x;
            }
        }
    }

    /// The rare cases of the ziggurat: the tail, and the edge of a layer.
    #[cold]
    fn beside_the_layer(&mut self, layer: usize, x: f64) -> Option<f64> {
        if layer == 0 {
            return Some(R - libm::log(self.unit()));
        }
        let f = &self.ziggurat.f;
        let y = f[layer + 1] + (f[layer] - f[layer + 1]) * self.unit();
        (y < libm::exp(-x)).then_some(x)
    }

    /// Normal with mean 0 and variance 1.
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 && square > 0.0 {
                return x * (-2.0 * libm::log(square) / square).sqrt();
            }
        }
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

/// The upper 53 bits, centred in their steps.
fn unit(bits: u64) -> f64 {
    const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
    ((bits >> 11) as f64 + 0.5) * STEP
}

/// Where the tail of the ziggurat starts, for 256 layers of equal area.
const R: f64 = 7.697_117_470_131_05;
/// Area of a layer.
const V: f64 = 0.003_949_659_822_581_557;

/// Right edges of the layers, and the density there.
#[derive(Debug)]
struct Ziggurat {
    x: [f64; 257],
    f: [f64; 257],
}

static ZIGGURAT: LazyLock<Ziggurat> = LazyLock::new(|| {
    let mut x = [0.0; 257];
    x[0] = V / libm::exp(-R);
    x[1] = R;
    for i in 1..255 {
        x[i + 1] = -libm::log(V / x[i] + libm::exp(-x[i]));
    }
    Ziggurat { x, f: x.map(|x| libm::exp(-x)) }
});

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

    #[test]
    fn the_ziggurat_agrees_with_the_exponential_law_everywhere() {
        let mut s = Stream::new(2, 0, Purpose::Arrivals);
        let n = 1_000_000;
        let samples: Vec<f64> = (0..n).map(|_| s.exponential()).collect();
        for at in [0.001, 0.01, 0.1, 0.5, 1.0, 2.0, 4.0, 7.7, 9.0] {
            let above = samples.iter().filter(|x| **x > at).count() as f64 / f64::from(n);
            let p = libm::exp(-at);
            near(above, p, 4.5 * (p * (1.0 - p) / f64::from(n)).sqrt());
        }
    }

    #[test]
    fn the_layers_of_the_ziggurat_close() {
        let z = &ZIGGURAT;
        near(z.x[256], 0.0, 0.0);
        // The top layer has the area of the others.
        near(z.x[255] * (1.0 - z.f[255]), V, 1e-12);
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
        assert_eq!(digest, 9_714_002_993_812_425_555);
    }
}
