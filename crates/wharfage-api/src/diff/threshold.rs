//! How much a total may rise: `10%` of what it was, or `500USD`.

use wharfage_core::{Money, Text, text};

use super::{Change, Cost, ThresholdOut, TotalDiff};
use crate::grammar::{self, Fault};

/// How much a total may rise before a check fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    text: String,
    limit: Limit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    /// `numerator ÷ denominator` of the cost before
    Share { numerator: i128, denominator: i128 },
    /// dollars
    Money(Money),
}

/// Most digits of a limit: then products with any amount stay exact.
const DIGITS_MAX: i128 = 1_000_000_000;
const SUCH: &str = "write how much a total may rise, such as 10% or 500USD";

/// Reads `10%`, `2.5 %`, `500USD` or `0.01 USD`.
///
/// # Errors
/// [`Fault`] where it is neither, or finer than nine digits.
pub fn threshold(text: &str) -> Result<Threshold, Fault> {
    let t = text.trim();
    let fault = |message: Text, label: &'static str| Fault { message, label: label.into(), help: SUCH.into() };
    let dollars = ["USD", "usd"].into_iter().find_map(|unit| t.strip_suffix(unit));
    let (digits, percent) = match (t.strip_suffix('%'), dollars) {
        (Some(digits), _) => (digits, true),
        (_, Some(digits)) => (digits, false),
        _ => {
            let shown = wharfage_core::diagnostic::quoted(t);
            return Err(fault(text!("`{text}` is neither a percentage nor dollars", text = shown), "no % and no USD"));
        }
    };
    let number = grammar::decimal(digits)?.normalize();
    let scale = 10_i128.pow(number.scale());
    if number.mantissa() >= DIGITS_MAX || scale * 100 > DIGITS_MAX {
        return Err(fault(text!("`{text}` has too many digits", text = t), "too many digits"));
    }
    let limit = if percent {
        Limit::Share { numerator: number.mantissa(), denominator: scale * 100 }
    } else {
        let money =
            number.to_string().parse().map_err(|_| fault(text!("`{text}` is too fine", text = t), "too fine"))?;
        Limit::Money(money)
    };
    Ok(Threshold { text: t.to_owned(), limit })
}

impl Threshold {
    /// The totals beyond the limit. One that had a figure and has none any more is: nobody can say by how much it rose.
    pub(super) fn judge(&self, totals: &[TotalDiff]) -> ThresholdOut {
        let crossed = totals.iter().filter(|t| t.change != Change::Unchanged && self.crossed(&t.cost));
        ThresholdOut { limit: self.text.clone(), crossed: crossed.map(|t| t.place.clone()).collect() }
    }

    fn crossed(&self, cost: &Cost) -> bool {
        if cost.after.is_none() {
            return false;
        }
        let exact = |s: &Option<super::State>| s.as_ref().and_then(|s| s.cost_exact.as_ref()?.parse::<Money>().ok());
        let Some(rise) = cost.change_exact.as_ref().and_then(|c| c.parse::<Money>().ok()) else {
            return exact(&cost.before).is_some();
        };
        match self.limit {
            Limit::Money(most) => rise > most,
            Limit::Share { numerator, denominator } => {
                let from = exact(&cost.before).unwrap_or(Money::ZERO);
                let product = |m: Money, by: i128| m.picos().checked_mul(by);
                // A product that does not fit is of a rise no limit allows for.
                match (product(rise, denominator), product(from, numerator)) {
                    (Some(rise), Some(allowed)) => rise > allowed,
                    _ => rise > Money::ZERO,
                }
            }
        }
    }
}
