//! Decimals of files as exact numbers, and times in them.

/// A decimal as digits and how many of them stand behind the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    digits: u128,
    places: u32,
}

/// Most digits of a number.
const MOST_DIGITS: usize = 24;
/// Farthest power of ten below which a number is nothing.
const FARTHEST: i32 = 60;

impl Decimal {
    /// Reads digits with at most one point, and an exponent as programs write small numbers with.
    pub fn read(text: &str) -> Option<Self> {
        Self::read_bytes(text.as_bytes())
    }

    /// The same.
    pub fn read_bytes(text: &[u8]) -> Option<Self> {
        let text = text.trim_ascii();
        if let Some(at) = text.iter().position(|b| matches!(b, b'e' | b'E')) {
            return Self::digits(&text[..at])?.raised(std::str::from_utf8(&text[at + 1..]).ok()?.parse().ok()?);
        }
        Self::digits(text)
    }

    fn digits(text: &[u8]) -> Option<Self> {
        let point = text.iter().position(|b| *b == b'.');
        let places = point.map_or(0, |at| text.len() - at - 1);
        let count = text.len() - usize::from(point.is_some());
        if count == 0 || count > MOST_DIGITS {
            return None;
        }
        let mut digits: u128 = 0;
        for (n, byte) in text.iter().enumerate() {
            match byte {
                b'0'..=b'9' => digits = digits * 10 + u128::from(byte - b'0'),
                _ if Some(n) == point => {}
                _ => return None,
            }
        }
        Some(Self { digits, places: places as u32 })
    }

    /// Times a power of ten; what no sum of 128 bits holds is the most there is.
    fn raised(self, exponent: i32) -> Option<Self> {
        if exponent < -FARTHEST {
            return Some(Self { digits: 0, places: 0 });
        }
        if exponent <= 0 {
            return Some(Self { places: self.places.checked_add(exponent.unsigned_abs())?, ..self });
        }
        let places = i64::from(self.places) - i64::from(exponent);
        if places >= 0 || self.digits == 0 {
            return Some(Self { places: u32::try_from(places).unwrap_or(0), ..self });
        }
        let power = u32::try_from(-places).ok().and_then(|p| 10_u128.checked_pow(p));
        let digits = power.and_then(|p| self.digits.checked_mul(p)).unwrap_or(u128::MAX);
        Some(Self { digits, places: 0 })
    }

    /// So many times a whole number, rounded down; `None` beyond 64 bits.
    pub fn times(self, whole: u64) -> Option<u64> {
        // What nearly every cell is: 64 bits, and a unit that has as many zeros as it has places.
        let small = u64::try_from(self.digits).ok();
        let unit =
            10_u64.checked_pow(self.places).filter(|power| whole.is_multiple_of(*power)).map(|power| whole / power);
        match (small, unit) {
            (Some(digits), Some(unit)) => digits.checked_mul(unit),
            _ => Self::product(whole, [self]),
        }
    }

    /// As a number to calculate with, to the nearest.
    pub fn as_f64(self) -> f64 {
        self.digits as f64 / (0..self.places).fold(1.0, |power, _| power * 10.0)
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
        let ns = |text| {
            let product = Decimal::product(1_000_000_000, read(text));
            assert_eq!(read(text).and_then(|d: Decimal| d.times(1_000_000_000)), product, "{text}");
            product
        };
        assert_eq!(ns("1.5"), Some(1_500_000_000));
        assert_eq!(ns("0.1234567899"), Some(123_456_789));
        assert_eq!(ns("1605000000.123456"), Some(1_605_000_000_123_456_000));
        assert_eq!(ns("99999999999999"), None);
        assert_eq!(ns("6.9e-05"), Some(69_000));
        assert_eq!(ns("1.25E+3"), Some(1_250_000_000_000));
        assert_eq!(ns("1e400"), None);
        assert_eq!(ns("1e-400"), Some(0));
        assert_eq!((ns("0e400"), ns("0e-2000000000")), (Some(0), Some(0)));
        for bad in ["", ".", "e3", "1e", "1e3.5", "-1", "1,5", "1.2.3", "0x1", "inf", "NaN", "1e99999999999"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
