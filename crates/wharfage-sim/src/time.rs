//! The simulator's clock: whole nanoseconds since the start of a run.
//!
//! # Units
//! 64 bits of nanoseconds are 584 years.

/// A time or a length of time in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Nanos(pub u64);

impl Nanos {
    /// Longer than any run: what never comes.
    pub const NEVER: Self = Self(u64::MAX);

    /// Whole microseconds.
    ///
    /// ```
    /// assert_eq!(wharfage_sim::Nanos::from_micros(3).0, 3_000);
    /// ```
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros.saturating_mul(1_000))
    }

    /// Whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    /// As a number to calculate samples with.
    pub fn as_f64(self) -> f64 {
        self.0 as f64
    }
}

/// Longest sample, some 146 years: a few of them still fit the clock.
const LONGEST: u64 = 1 << 62;

/// A sample as whole nanoseconds, to the nearest; below zero is zero, above [`LONGEST`] is that.
#[inline]
pub(crate) fn rounded(ns: f64) -> u64 {
    // The cast saturates, and takes what is not a number to zero; processors have one to signed numbers.
    ((ns + 0.5) as i64).max(0).min(LONGEST as i64) as u64
}
