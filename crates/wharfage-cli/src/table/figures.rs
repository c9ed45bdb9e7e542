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
    let mut rounded = rounded(exact, 2);
    rounded.rescale(2);
    rounded
}

/// `1165.07` as `1,165.07`.
pub fn money(amount: Decimal) -> String {
    grouped(&cents(amount).to_string())
}

/// A total, or the subtotal that it is at least; nothing where nothing has a price.
pub fn bound(total: Option<&String>, subtotal: Option<&String>) -> Option<String> {
    match (total, subtotal) {
        (Some(total), _) => Some(money(decimal(total))),
        (None, Some(subtotal)) => Some(format!("≥ {}", money(decimal(subtotal)))),
        (None, None) => None,
    }
}

/// Significant digits of a measured figure; whole ones are never cut.
const DIGITS: u32 = 4;
/// Significant digits of a half-width.
const HALF_DIGITS: u32 = 2;
/// Most places of a figure, whatever it is.
const MOST_PLACES: u32 = 6;

/// Places that leave a number this many significant digits.
fn places(number: Decimal, digits: u32) -> u32 {
    let size = number.abs();
    // From 0.05 to 5: the place of the first digit that is not zero.
    let (mut whole, mut zeros, mut edge) = (0, 0, Decimal::ONE);
    while size >= edge && whole < digits {
        (whole, edge) = (whole + 1, edge * Decimal::TEN);
    }
    edge = Decimal::new(1, 1);
    while whole == 0 && size < edge && zeros < MOST_PLACES {
        (zeros, edge) = (zeros + 1, edge / Decimal::TEN);
    }
    (digits - whole + zeros).min(MOST_PLACES)
}

/// A measured figure with as many digits as mean something: `1,165`, `80.01`, `0.00134`.
pub fn significant(number: Decimal) -> String {
    let rounded = rounded(number, places(number, DIGITS));
    grouped(&rounded.normalize().to_string())
}

/// A figure and the half-width of its interval, both to the places that the half-width bears: `1.792 ± 0.013`.
pub fn estimated(number: Decimal, half: Decimal) -> String {
    if half.is_zero() {
        return format!("{} ± 0", significant(number));
    }
    let places = places(half, HALF_DIGITS);
    let [number, half] = [number, half].map(|n| {
        let mut n = rounded(n, places);
        n.rescale(places);
        grouped(&n.to_string())
    });
    format!("{number} ± {half}")
}

fn rounded(number: Decimal, places: u32) -> Decimal {
    number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
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
    fn measured_figures_have_four_digits_and_all_their_whole_ones() {
        #[rustfmt::skip]
        let cases = [
            ("0", "0"), ("0.0013399876", "0.00134"), ("0.00133456", "0.001335"), ("1.79234", "1.792"), ("80.0123", "80.01"), ("80", "80"),
            ("1165.07", "1,165"), ("2592000.000001", "2,592,000"), ("0.9999999", "1"), ("0.00000004", "0"), ("999.96", "1,000"),
        ];
        for (exact, want) in cases {
            assert_eq!(significant(decimal(exact)), want, "{exact}");
        }
    }

    #[test]
    fn a_figure_has_the_places_of_its_half_width() {
        #[rustfmt::skip]
        let cases = [
            ("1.79234", "0.0129", "1.792 ± 0.013"), ("80.0123", "12.34", "80 ± 12"), ("12345.6", "1234.5", "12,346 ± 1,235"),
            ("5", "0", "5 ± 0"), ("0.5", "0.1", "0.50 ± 0.10"),
        ];
        for (number, half, want) in cases {
            assert_eq!(estimated(decimal(number), decimal(half)), want, "{number} ± {half}");
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
