//! Figures on a screen: decimals of the response, cents, and separators between thousands.
//!
//! # Invariants
//! Every number is a decimal string or an exact decimal; nothing here is a binary float.

use rust_decimal::{Decimal, RoundingStrategy};

/// A number of the response.
pub fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect("a response's numbers are plain decimals of at most 28 digits")
}

/// To the cent, half-up and away from zero, always with two places.
pub fn cents(exact: Decimal) -> Decimal {
    let mut rounded = exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(2);
    rounded
}

/// `1165.07` as `1,165.07`.
pub fn money(amount: Decimal) -> String {
    grouped(&cents(amount).to_string())
}

/// A decimal string with `,` between thousands; any other text as it is.
pub fn grouped(text: &str) -> String {
    let (sign, number) = text.strip_prefix('-').map_or(("", text), |n| ("-", n));
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut out = sign.to_owned();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated_and_other_texts_left_alone() {
        #[rustfmt::skip]
        let cases = [("0.00", "0.00"), ("999.99", "999.99"), ("1165.07", "1,165.07"), ("-1234567.5", "-1,234,567.5"), ("57417", "57,417"), ("too large", "too large")];
        for (text, want) in cases {
            assert_eq!(grouped(text), want);
        }
    }

    #[test]
    fn cents_round_half_away_from_zero() {
        #[rustfmt::skip]
        let cases = [("0.005", "0.01"), ("-0.005", "-0.01"), ("33.98880", "33.99"), ("1165", "1,165.00"), ("0.0049", "0.00")];
        for (exact, want) in cases {
            assert_eq!(money(decimal(exact)), want, "{exact}");
        }
    }
}
