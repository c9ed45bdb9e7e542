//! Numbers of a simulation as texts: exact ratios to ten significant digits, half-widths to four.

/// Significant digits of a ratio.
const DIGITS: u32 = 10;

/// `num ÷ den` to ten significant digits, the last rounded half up; `0` where there is nothing to divide by.
pub fn ratio(num: u128, den: u128) -> String {
    if den == 0 {
        return "0".to_owned();
    }
    let (whole, mut rest) = (num / den, num % den);
    let mut seen = if whole == 0 { 0 } else { whole.ilog10() + 1 };
    let mut digits = whole;
    let mut places = 0_u32;
    // A fraction of 64 bits over another starts within 40 places.
    while rest != 0 && seen < DIGITS && places < 40 {
        rest *= 10;
        let digit = rest / den;
        rest %= den;
        digits = digits * 10 + digit;
        places += 1;
        seen += u32::from(seen > 0 || digit > 0);
    }
    if rest >= den.div_ceil(2) {
        digits += 1;
    }
    placed(digits, places)
}

/// Digits with a point before the last `places`, and no zeros behind it that say nothing.
fn placed(digits: u128, places: u32) -> String {
    let text = format!("{digits:0width$}", width = places as usize + 1);
    let (whole, fraction) = text.split_at(text.len() - places as usize);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

/// Seconds of so many nanoseconds, without a fraction that says nothing.
pub fn seconds(ns: u64) -> String {
    placed(ns.into(), 9)
}

/// A half-width to four significant digits.
pub fn width(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return "0".to_owned();
    }
    let scientific = format!("{x:.3e}");
    let exponent: i32 = scientific.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    format!("{x:.places$}", places = usize::try_from(3 - exponent).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_have_ten_digits_and_no_idle_zeros() {
        for (num, den, text) in [
            (0, 7, "0"),
            (7, 0, "0"),
            (1, 2, "0.5"),
            (1, 3, "0.3333333333"),
            (2, 3, "0.6666666667"),
            (2_000, 3, "666.6666667"),
            (999_999_999_999, 1_000, "1000000000"),
            (1, 900_000_000_000, "0.000000000001111111111"),
            (123_456_789_012, 1, "123456789012"),
            (19_999_999_999, 20_000_000_000, "1"),
        ] {
            assert_eq!(ratio(num, den), text, "{num}/{den}");
        }
    }

    #[test]
    fn half_widths_have_four_digits() {
        assert_eq!(width(0.000_123_456), "0.0001235");
        assert_eq!(width(12_345.6), "12346");
        assert_eq!(width(1.5), "1.500");
        assert_eq!(width(0.0), "0");
    }
}
