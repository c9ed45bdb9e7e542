//! Rates: a price per unit of one dimension, and the one division.
//!
//! # Invariants
//! `unit_price × base ÷ base_per_unit`, rounded half-even at 12 places, is the cost: integers are multiplied first and
//! divided once.

use std::marker::PhantomData;

use rust_decimal::Decimal;

use crate::{
    book::Price,
    money::{self, Money, Overflow},
    quantity::{Dimension, Quantity},
};

/// What one unit of `D` costs, with where the figure comes from.
#[derive(Debug)]
pub struct Rate<'b, D> {
    price: Price<'b>,
    of: PhantomData<D>,
}

impl<D> Clone for Rate<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<D> Copy for Rate<'_, D> {}

impl<'b, D: Dimension> Rate<'b, D> {
    /// A rate for `D`; `None` if the price is for another dimension. The tables are checked for that when they are
    /// compiled, so a built-in price always fits.
    pub fn new(price: Price<'b>) -> Option<Self> {
        (price.unit.kind() == D::KIND).then_some(Self { price, of: PhantomData })
    }

    /// The price behind it.
    pub fn price(&self) -> &Price<'b> {
        &self.price
    }

    /// What `quantity` costs: multiplied in integers, divided once, half-even at 12 places.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn charge(&self, quantity: Quantity<D>) -> Result<Money, Overflow> {
        charge(
            self.price.amount.mantissa(),
            self.price.amount.scale(),
            quantity.base(),
            self.price.unit.base_per_unit(),
        )
    }
}

/// `mantissa × 10^-scale × base ÷ per`, in 10^-12 dollars.
pub(crate) fn charge(mantissa: i128, scale: u32, base: u128, per: u64) -> Result<Money, Overflow> {
    let base = i128::try_from(base).map_err(|_| Overflow)?;
    // 10^(12 - scale) can join either side of the division, whichever keeps the numbers whole.
    let (up, down) = match money::PLACES.checked_sub(scale) {
        Some(more) => (10_i128.pow(more), 1),
        None => (1, 10_i128.pow(scale - money::PLACES)),
    };
    let per = i128::from(per).checked_mul(down).ok_or(Overflow)?;
    let multiplied = |base: i128| mantissa.checked_mul(base).and_then(|n| n.checked_mul(up));
    if let Some(numerator) = multiplied(base) {
        return Money::from_picos(money::divide_half_even(numerator, per));
    }
    // A common factor of the quantity and the unit is taken out, so that very large quantities still fit.
    let common = money::gcd(base.unsigned_abs(), per.unsigned_abs()).max(1);
    let common = i128::try_from(common).map_err(|_| Overflow)?;
    let numerator = multiplied(base / common).ok_or(Overflow)?;
    Money::from_picos(money::divide_half_even(numerator, per / common))
}

/// A price times a share of it: exact, or none where it has more digits than a price can.
pub(crate) fn product(a: Decimal, b: Decimal) -> Option<Decimal> {
    let mantissa = a.mantissa().checked_mul(b.mantissa())?;
    Some(Decimal::try_from_i128_with_scale(mantissa, a.scale() + b.scale()).ok()?.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seoul_vcpu_for_a_month() {
        let cost = charge(4656, 5, 2_628_000, 3600).unwrap();
        assert_eq!(cost.to_decimal_at(5).to_string(), "33.98880");
    }

    #[test]
    fn a_price_that_does_not_divide_is_rounded_once_half_even() {
        assert_eq!(charge(1, 0, 1, 3).unwrap().to_string(), "0.333333333333");
        assert_eq!(charge(1, 12, 1, 2).unwrap().to_string(), "0");
        assert_eq!(charge(3, 12, 1, 2).unwrap().to_string(), "0.000000000002");
    }

    #[test]
    fn a_share_of_a_price_is_exact() {
        let d = |s: &str| Decimal::from_str_exact(s).unwrap();
        assert_eq!(product(d("0.077"), d("0.12")), Some(d("0.00924")));
        assert_eq!(product(d("0.8048"), d("0.078")), Some(d("0.0627744")));
        assert_eq!(product(Decimal::MAX, d("2")), None);
    }

    #[test]
    fn absurd_quantities_are_refused_not_wrapped() {
        assert_eq!(charge(4656, 5, u128::MAX, 1), Err(Overflow));
        assert_eq!(charge(i128::MAX, 5, 2, 1), Err(Overflow));
    }
}
