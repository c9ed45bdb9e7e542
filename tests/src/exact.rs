//! Exact fractions, to check printed numbers with.

use std::ops::{Add, Div, Mul};

/// A fraction in lowest terms, its denominator positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exact {
    over: i128,
    under: i128,
}

const TOO_LARGE: &str = "the goldens' numbers fit";

impl Exact {
    /// Nothing.
    pub const ZERO: Self = Self { over: 0, under: 1 };

    /// `over ÷ under`
    pub fn new(over: i128, under: i128) -> Self {
        let common = gcd(over.unsigned_abs(), under.unsigned_abs());
        let common = i128::try_from(common).expect(TOO_LARGE) * under.signum();
        Self { over: over / common, under: under / common }
    }

    /// A decimal text, such as `-0.0445`.
    pub fn parse(text: &str) -> Self {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{fraction}").parse().unwrap_or_else(|_| panic!("`{text}` is no number"));
        Self::new(digits, power(fraction.len()))
    }

    /// Is it below zero?
    pub fn is_negative(self) -> bool {
        self.over < 0
    }

    /// Rounded to so many places, ties to even.
    pub fn half_even(self, places: usize) -> Self {
        self.rounded(places, |quotient| quotient % 2 != 0)
    }

    /// Rounded to so many places, ties away from zero.
    pub fn half_up(self, places: usize) -> Self {
        self.rounded(places, |_| true)
    }

    fn rounded(self, places: usize, tie_grows: impl Fn(i128) -> bool) -> Self {
        let scaled = self.over.checked_mul(power(places)).expect(TOO_LARGE);
        let (quotient, rest) = (scaled / self.under, scaled % self.under);
        let twice = rest.abs() * 2;
        let grows = twice > self.under || (twice == self.under && tie_grows(quotient));
        Self::new(if grows { quotient + scaled.signum() } else { quotient }, power(places))
    }
}

fn power(places: usize) -> i128 {
    10_i128.pow(u32::try_from(places).expect(TOO_LARGE))
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Mul for Exact {
    type Output = Self;
    fn mul(self, by: Self) -> Self {
        // Reduced crosswise first, so that the product stays small.
        let (a, b) = (Self::new(self.over, by.under), Self::new(by.over, self.under));
        let product = |x: i128, y: i128| x.checked_mul(y).expect(TOO_LARGE);
        Self { over: product(a.over, b.over), under: product(a.under, b.under) }
    }
}

impl Div for Exact {
    type Output = Self;
    #[expect(clippy::suspicious_arithmetic_impl, reason = "dividing is multiplying by the inverse")]
    fn div(self, by: Self) -> Self {
        self * Self::new(by.under, by.over)
    }
}

impl Add for Exact {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let product = |x: i128, y: i128| x.checked_mul(y).expect(TOO_LARGE);
        Self::new(product(self.over, other.under) + product(other.over, self.under), product(self.under, other.under))
    }
}

impl std::iter::Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Add::add)
    }
}
