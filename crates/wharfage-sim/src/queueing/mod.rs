//! The closed forms of queueing theory: what a simulation of the same model tends to.
//!
//! Never used by the simulator, which counts every request; useful on their own (`wharfage queue`), to size a fleet in
//! microseconds, and to test the simulator against.
//!
//! ```
//! use wharfage_sim::queueing::Mmc;
//! // Eight requests a second of one second each on ten instances.
//! let q = Mmc::new(8.0, 1.0, 10).unwrap();
//! assert!((q.p_wait() - 0.409_180_150_8).abs() < 1e-9);
//! assert!((q.wait_mean() - 0.204_590_075_4).abs() < 1e-9);
//! ```
//!
//! # Units
//! Rates per second, times in seconds.
//! # Invariants
//! Functions of `libm` only, so that every machine gives the same digits.
//! # Sources
//! Erlang (1917); Pollaczek (1930) and Khinchine (1932); Kendall's GI/M/1 (1953); Neuts' matrix-geometric method (1981) for
//! arrivals at two rates; Eick, Massey and Whitt (1993) for rates that vary through the day.

mod capacity;
mod general;
mod markov;
mod modulated;
mod renewal;
mod varying;

pub use capacity::{Goal, min_servers};
pub use general::{Mg1, MgInf};
pub use markov::{Mmc, Mmck, erlang_b};
pub use modulated::MmppM1;
pub use renewal::GiM1;
pub use varying::MtGInf;

/// Why a formula has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// requests ask for as much as the servers can give, or more: the queue grows without end
    Unstable,
    /// a rate, time or number that is not above zero, or not finite
    Value,
}

/// Are these above zero and finite?
fn positive(values: &[f64]) -> Result<(), NoAnswer> {
    if values.iter().all(|x| x.is_finite() && *x > 0.0) { Ok(()) } else { Err(NoAnswer::Value) }
}

/// Where a falling function crosses zero between `low` and `high`.
fn crossing(mut low: f64, mut high: f64, falling: impl Fn(f64) -> f64) -> f64 {
    // 53 bits and some more for the exponent.
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if falling(middle) > 0.0 { low = middle } else { high = middle }
    }
    low + (high - low) / 2.0
}

#[cfg(test)]
#[track_caller]
fn near(got: f64, want: f64) {
    near_by(got, want, 1e-9);
}

#[cfg(test)]
#[track_caller]
fn near_by(got: f64, want: f64, share: f64) {
    assert!((got - want).abs() <= share * want.abs(), "{got} is not {want}");
}
