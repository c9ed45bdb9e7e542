//! The span a bill is for, and how monthly allowances scale to it.

use rust_decimal::Decimal;

use crate::{
    money::{Money, Overflow, divide_half_even},
    quantity::{MICROS_PER_HOUR, MONTH, Micros},
    rate,
};

/// A billing period.
///
/// Monthly allowances and credits hold whole for a period as long as some calendar month (672 to 744 h by the terms
/// `wharfage/allowance-whole-*`); any other length scales them by its hours ÷ the month's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// as the user wrote it: `730h`, `2026-02`
    pub label: String,
    /// its length
    pub time: Micros,
    /// hours of a standard month, the divisor of scaled allowances
    pub month_hours: u32,
    /// shortest and longest period, in hours, that counts as one month
    pub whole_month_hours: (u32, u32),
}

impl Period {
    /// Does it count as one month?
    pub fn is_whole_month(&self) -> bool {
        let hour = |h: u32| u64::from(h) * MICROS_PER_HOUR;
        (hour(self.whole_month_hours.0)..=hour(self.whole_month_hours.1)).contains(&self.time.0)
    }

    /// Its months as a fraction: 1/1 for a month, hours ÷ month hours otherwise.
    pub fn months(&self) -> (u128, u128) {
        if self.is_whole_month() {
            (1, 1)
        } else {
            (u128::from(self.time.0), u128::from(self.month_hours) * u128::from(MICROS_PER_HOUR))
        }
    }

    /// Its months in [`MONTH`]ths: exact for a whole month and wherever a month has 730 hours, else half-even.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn in_month_base(&self) -> Result<u128, Overflow> {
        let (num, den) = self.months();
        let product = num.checked_mul(u128::from(MONTH)).and_then(|n| i128::try_from(n).ok()).ok_or(Overflow)?;
        let den = i128::try_from(den.max(1)).map_err(|_| Overflow)?;
        u128::try_from(divide_half_even(product, den)).map_err(|_| Overflow)
    }

    /// `time` of this period as time of a standard month: a whole calendar month is the standard one's hours, and part of
    /// it its share, rounded up to a µs; any other period's time is as long as it is.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn of_month(&self, time: Micros) -> Result<Micros, Overflow> {
        if !self.is_whole_month() {
            return Ok(time);
        }
        let month = u128::from(MONTH);
        let share = u128::from(time.0).checked_mul(month).ok_or(Overflow)?.div_ceil(u128::from(self.time.0.max(1)));
        u64::try_from(share).map(Micros).map_err(|_| Overflow)
    }

    /// What a monthly dollar amount comes to in this period, half-even at 12 places.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn scale(&self, monthly: Decimal) -> Result<Money, Overflow> {
        let (num, den) = self.months();
        let den = u64::try_from(den).map_err(|_| Overflow)?;
        rate::charge(monthly.mantissa(), monthly.scale(), num, den)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(h: u64) -> Period {
        Period {
            label: format!("{h}h"),
            time: Micros(h * MICROS_PER_HOUR),
            month_hours: 730,
            whole_month_hours: (672, 744),
        }
    }

    #[test]
    fn a_whole_month_of_storage_is_a_month_however_long() {
        for (period, on, month) in [(730, 730, 730), (744, 744, 730), (672, 336, 365), (24, 24, 24), (1460, 730, 730)] {
            assert_eq!(hours(period).of_month(Micros(on * MICROS_PER_HOUR)), Ok(Micros(month * MICROS_PER_HOUR)));
        }
    }

    #[test]
    fn any_calendar_month_has_its_allowance_whole() {
        for (h, cents) in [(672, "74.40"), (730, "74.40"), (744, "74.40"), (365, "37.20"), (1460, "148.80")] {
            assert_eq!(
                hours(h).scale(Decimal::from_str_exact("74.40").unwrap()).unwrap().to_cents().to_string(),
                cents
            );
        }
    }

    #[test]
    fn a_month_is_one_and_other_periods_are_exact_parts_of_it() {
        let per = |n: u128| n * u128::from(MONTH);
        for (h, base) in
            [(672, per(1)), (730, per(1)), (744, per(1)), (365, per(1) / 2), (1, per(1) / 730), (8760, per(12))]
        {
            assert_eq!(hours(h).in_month_base(), Ok(base), "{h} h");
        }
    }
}
