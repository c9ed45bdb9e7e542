//! Money: exact, at most 12 decimal places, no float anywhere.
//!
//! # Units
//! US dollars. Inside, a whole number of 10^-12 dollars in 128 bits; outside, [`Decimal`].
//! # Invariants
//! Addition is exact or refused. Division happens in one place, [`crate::rate::Rate::charge`], through
//! `divide_half_even`.
//! # Sources
//! Rounding to cents half-up, line by line, is what AWS's real bills do (`aws/BILLING-RULES` §0).

use std::fmt;

use rust_decimal::Decimal;

/// Places kept after the one division.
pub const PLACES: u32 = 12;
const ONE: i128 = 1_000_000_000_000;
const CENT: i128 = ONE / 100;
/// Largest magnitude a [`Decimal`] can hold at 12 places.
const MAX: i128 = 79_228_162_514_264_337_593_543_950_335;

/// A number grew past what 128 bits (or 28 digits) hold exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow;

impl fmt::Display for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number is too large to be exact")
    }
}

impl std::error::Error for Overflow {}

/// An amount of US dollars, exact to 12 places.
///
/// ```
/// use wharfage_core::Money;
/// let fee: Money = "33.98880".parse().unwrap();
/// assert_eq!(fee.to_cents().to_string(), "33.99");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i128);

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// `n` times 10^-12 dollars; refused beyond 28 digits.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn from_picos(n: i128) -> Result<Self, Overflow> {
        if n.abs() <= MAX { Ok(Self(n)) } else { Err(Overflow) }
    }

    /// In 10^-12 dollars.
    pub fn picos(self) -> i128 {
        self.0
    }

    /// The exact decimal, without trailing zeros.
    pub fn to_decimal(self) -> Decimal {
        Decimal::from_i128_with_scale(self.0, PLACES).normalize()
    }

    /// The exact decimal with at least `places` places: `33.98880`.
    pub fn to_decimal_at(self, places: u32) -> Decimal {
        let mut d = self.to_decimal();
        if d.scale() < places {
            d.rescale(places.min(PLACES));
        }
        d
    }

    /// Rounded half-up (away from zero) to whole cents.
    pub fn round_to_cents(self) -> Self {
        let magnitude = (self.0.abs() + CENT / 2) / CENT * CENT;
        Self(magnitude * self.0.signum())
    }

    /// Rounded half-up to cents, always with two places.
    pub fn to_cents(self) -> Decimal {
        Decimal::from_i128_with_scale(self.round_to_cents().0 / (CENT), 2)
    }

    /// The exact sum, refused on overflow.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn plus(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_add(other.0).ok_or(Overflow).and_then(Self::from_picos)
    }

    /// The exact difference, refused on overflow.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn minus(self, other: Self) -> Result<Self, Overflow> {
        self.plus(Self(-other.0))
    }

    /// `n` times as much, refused on overflow.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn times(self, n: u64) -> Result<Self, Overflow> {
        self.0.checked_mul(i128::from(n)).ok_or(Overflow).and_then(Self::from_picos)
    }

    /// `num ÷ den` of it, half-even at 12 places: a part of a budget. What is billed follows from a quantity instead.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn share(self, num: u128, den: u128) -> Result<Self, Overflow> {
        let common = gcd(num, den).max(1);
        let num = i128::try_from(num / common).map_err(|_| Overflow)?;
        let den = i128::try_from((den / common).max(1)).map_err(|_| Overflow)?;
        Self::from_picos(divide_half_even(self.0.checked_mul(num).ok_or(Overflow)?, den))
    }

    /// The exact sum of many.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Result<Self, Overflow> {
        all.into_iter().try_fold(Self::ZERO, Self::plus)
    }
}

impl std::ops::Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_decimal().fmt(f)
    }
}

impl std::str::FromStr for Money {
    type Err = Overflow;
    /// A plain decimal with at most 12 places.
    fn from_str(s: &str) -> Result<Self, Overflow> {
        let mut d = Decimal::from_str_exact(s).map_err(|_| Overflow)?.normalize();
        if d.scale() > PLACES {
            return Err(Overflow);
        }
        d.rescale(PLACES);
        if d.scale() != PLACES {
            return Err(Overflow);
        }
        Self::from_picos(d.mantissa())
    }
}

/// The greatest common divisor; what is not zero, where one is.
pub(crate) const fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// `numerator` ÷ `denominator` (not zero), half-even.
pub(crate) fn divide_half_even(numerator: i128, denominator: i128) -> i128 {
    let quotient = numerator.div_euclid(denominator);
    let remainder = numerator - quotient * denominator;
    let up = match (remainder * 2).cmp(&denominator) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => quotient % 2 != 0,
    };
    quotient + i128::from(up)
}

/// `a ÷ b` as a decimal for display: at most 12 places, half-even; fewer where the number is huge.
pub(crate) fn ratio_decimal(a: u128, b: u128) -> Decimal {
    let (whole, rest) = (a / b, a % b);
    for places in (0..=PLACES).rev() {
        let scale = 10_u128.pow(places);
        let Some(shifted) = rest.checked_mul(scale) else { continue };
        let (mut part, left) = (shifted / b, shifted % b);
        if left * 2 > b || (left * 2 == b && part % 2 == 1) {
            part += 1;
        }
        let digits = whole.checked_mul(scale).and_then(|w| w.checked_add(part));
        if let Some(n) = digits.and_then(|n| i128::try_from(n).ok()).filter(|n| *n <= MAX) {
            return Decimal::from_i128_with_scale(n, places).normalize();
        }
    }
    Decimal::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(s: &str) -> Money {
        s.parse().unwrap()
    }

    #[test]
    fn cents_round_half_up_away_from_zero() {
        #[rustfmt::skip]
        let cases = [
            ("0.005", "0.01"), ("0.0049999", "0.00"), ("2.555", "2.56"), ("6.705", "6.71"),
            ("-0.005", "-0.01"), ("0", "0.00"), ("17", "17.00"),
        ];
        for (exact, cents) in cases {
            assert_eq!(money(exact).to_cents().to_string(), cents, "{exact}");
        }
    }

    #[test]
    fn the_one_division_is_half_even_on_both_sides_of_zero() {
        #[rustfmt::skip]
        let cases = [(5, 2, 2), (7, 2, 4), (-5, 2, -2), (-7, 2, -4), (1, 3, 0), (2, 3, 1), (-2, 3, -1)];
        for (a, b, want) in cases {
            assert_eq!(divide_half_even(a, b), want, "{a} / {b}");
        }
    }

    #[test]
    fn more_than_twelve_places_are_refused() {
        assert!("0.0000000000001".parse::<Money>().is_err());
        assert!("79228162514264338".parse::<Money>().is_err());
    }

    #[test]
    fn ratios_print_short() {
        assert_eq!(ratio_decimal(3, 4).to_string(), "0.75");
        assert_eq!(ratio_decimal(2, 3).to_string(), "0.666666666667");
        assert_eq!(ratio_decimal(u128::from(u64::MAX) * 1_000_000, 1).to_string(), "18446744073709551615000000");
    }
}
