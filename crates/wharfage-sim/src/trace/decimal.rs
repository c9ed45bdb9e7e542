//! Decimals of files as exact numbers, and times in them.

/// A decimal as digits and how many of them stand behind the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    digits: u128,
    places: u32,
}

/// Most digits of a number.
const MOST_DIGITS: usize = 24;

impl Decimal {
    /// Reads digits with at most one point.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let all = whole.bytes().chain(fraction.bytes());
        let count = whole.len() + fraction.len();
        if count == 0 || count > MOST_DIGITS || !all.clone().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let digits = all.fold(0, |n: u128, b| n * 10 + u128::from(b - b'0'));
        Some(Self { digits, places: fraction.len() as u32 })
    }

    /// The product of a whole number and decimals, rounded down; `None` beyond 64 bits.
    pub fn product(whole: u64, decimals: impl IntoIterator<Item = Self>) -> Option<u64> {
        let (mut digits, mut places) = (u128::from(whole), 0);
        for d in decimals {
            (digits, places) = (digits.checked_mul(d.digits)?, places + d.places);
            while places > 0 && digits % 10 == 0 {
                (digits, places) = (digits / 10, places - 1);
            }
        }
        let Some(divisor) = 10_u128.checked_pow(places) else { return Some(0) };
        u64::try_from(digits / divisor).ok()
    }
}

/// Nanoseconds of a unit of time.
pub fn unit_ns(unit: &str) -> Option<u64> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" | "min" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_and_rounded_down() {
        let read = |text| Decimal::read(text);
        let ns = |text| Decimal::product(1_000_000_000, read(text));
        assert_eq!(ns("1.5"), Some(1_500_000_000));
        assert_eq!(ns("0.1234567899"), Some(123_456_789));
        assert_eq!(ns("1605000000.123456"), Some(1_605_000_000_123_456_000));
        assert_eq!(ns("99999999999999"), None);
        for bad in ["", ".", "1e3", "-1", "1,5", "1.2.3", "0x1"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
