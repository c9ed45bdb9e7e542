//! A value up or down by some percent, written so that the grammar takes it exactly.

use rust_decimal::Decimal;

use crate::grammar;

/// How a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `0.5`, `500m`
    Vcpu,
    /// `1GiB`
    Size,
    /// `3`, `5M`
    Count,
    /// `80ms`
    Time,
    /// `176`, `176h`
    Hours,
    /// `100/s`
    Rate,
    /// `300kB/s`
    Bytes,
    /// `0.6`
    Share,
    /// a share below the whole: `10%`
    Part,
    /// `l4:1`
    Gpu,
    /// `gp3:20GiB`
    Disk,
}

/// A value changed by so many percent: in its own unit where that is exact, else in whole base units and by at least one of
/// them. Nothing where there is no such value.
pub fn varied(kind: Kind, text: &str, percent: i64) -> Option<String> {
    let text = text.trim();
    match kind {
        Kind::Gpu => {
            let (model, n) = text.split_once(':').unwrap_or((text, "1"));
            Some(format!("{model}:{}", varied(Kind::Count, n, percent)?))
        }
        Kind::Disk => {
            let (kind, size) = text.split_once(':')?;
            Some(format!("{kind}:{}", varied(Kind::Size, size, percent)?))
        }
        _ => {
            let exact = scaled(text, percent).filter(|t| kind.takes(t));
            exact.or_else(|| kind.stepped(text, percent).filter(|t| kind.takes(t)))
        }
    }
}

/// The number at the start of a text times `1 + percent ÷ 100`, with what follows it: `80ms` becomes `88ms`.
fn scaled(text: &str, percent: i64) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let number = Decimal::from_str_exact(digits).ok().filter(|n| !n.is_zero())?;
    let product = number.checked_mul(Decimal::new(100 + percent, 2))?.normalize();
    Some(format!("{product}{unit}"))
}

impl Kind {
    /// Does the grammar take the text?
    fn takes(self, text: &str) -> bool {
        match self {
            Self::Vcpu => grammar::vcpu(text).is_ok(),
            Self::Size => grammar::mib(text).is_ok(),
            Self::Count => grammar::count(text).is_ok(),
            Self::Time => grammar::some_time(text).is_ok() && one_part(text),
            Self::Hours => grammar::hours(text).is_ok() && one_part(text),
            Self::Rate => grammar::rate(text).is_ok(),
            Self::Bytes => grammar::byte_rate(text).is_ok(),
            Self::Share => grammar::share(text).is_ok(),
            Self::Part => grammar::part(text).is_ok(),
            Self::Gpu | Self::Disk => false,
        }
    }

    /// The value in whole base units, a step further.
    fn stepped(self, text: &str, percent: i64) -> Option<String> {
        let per = text.split_once('/').map_or("", |(_, per)| per);
        match self {
            Self::Vcpu => Some(format!("{}m", step(grammar::vcpu(text).ok()?.0.into(), percent)?)),
            Self::Size => Some(format!("{}MiB", step(grammar::mib(text).ok()?.0.into(), percent)?)),
            // One is a step from none, where there can be one.
            Self::Count if percent > 0 && grammar::count(text) == Ok(0) => Some("1".to_owned()),
            Self::Count => Some(step(grammar::count(text).ok()?.into(), percent)?.to_string()),
            Self::Time => Some(time(step(grammar::time(text).ok()?.0.into(), percent)?)),
            Self::Hours => Some(time(step(grammar::hours(text).ok()?.0.into(), percent)?)),
            Self::Rate => {
                let micro = i128::try_from(step(grammar::rate(text).ok()?.micro_requests, percent)?).ok()?;
                Some(format!("{}/{per}", Decimal::try_from_i128_with_scale(micro, 6).ok()?.normalize()))
            }
            Self::Bytes => Some(format!("{}B/{per}", step(grammar::byte_rate(text).ok()?.bytes.into(), percent)?)),
            Self::Share | Self::Part | Self::Gpu | Self::Disk => None,
        }
    }
}

/// Only the first part of `1h30m` would be scaled.
fn one_part(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    !unit.contains(|c: char| c.is_ascii_digit())
}

/// `n` and so many percent of it, rounded, but at least one; nothing where `n` is nothing.
fn step(n: u128, percent: i64) -> Option<u128> {
    let by = (n.checked_mul(percent.unsigned_abs().into())? + 50) / 100;
    let by = by.max(1);
    if n == 0 {
        return None;
    }
    if percent < 0 { n.checked_sub(by) } else { n.checked_add(by) }
}

/// Microseconds in the largest unit that is exact.
fn time(micros: u128) -> String {
    let units = [(3_600_000_000, "h"), (60_000_000, "m"), (1_000_000, "s"), (1_000, "ms")];
    let unit = units.into_iter().find(|(by, _)| micros > 0 && micros.is_multiple_of(*by));
    let (by, name) = unit.unwrap_or((1, "us"));
    format!("{}{name}", micros / by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_unit_where_that_is_exact() {
        #[rustfmt::skip]
        let cases = [
            (Kind::Vcpu, "0.5", Some("0.45"), Some("0.55")),
            (Kind::Vcpu, "0.001", None, Some("2m")),
            (Kind::Size, "10GiB", Some("9GiB"), Some("11GiB")),
            (Kind::Size, "1GiB", Some("922MiB"), Some("1126MiB")),
            (Kind::Count, "2", Some("1"), Some("3")),
            (Kind::Count, "100", Some("90"), Some("110")),
            (Kind::Count, "5M", Some("4.5M"), Some("5.5M")),
            (Kind::Count, "0", None, Some("1")),
            (Kind::Time, "80ms", Some("72ms"), Some("88ms")),
            (Kind::Time, "1h30m", Some("81m"), Some("99m")),
            (Kind::Hours, "730h", Some("657h"), Some("803h")),
            (Kind::Hours, "176", Some("158.4"), Some("193.6")),
            (Kind::Rate, "100/s", Some("90/s"), Some("110/s")),
            (Kind::Rate, "5M/month", Some("4.5M/month"), Some("5.5M/month")),
            (Kind::Rate, "0/s", None, None),
            (Kind::Bytes, "300kB/s", Some("270kB/s"), Some("330kB/s")),
            (Kind::Share, "0.6", Some("0.54"), Some("0.66")),
            (Kind::Share, "100%", Some("90%"), None),
            (Kind::Gpu, "l4:1", Some("l4:0"), Some("l4:2")),
            (Kind::Gpu, "l4", Some("l4:0"), Some("l4:2")),
            (Kind::Disk, "gp3:20GiB", Some("gp3:18GiB"), Some("gp3:22GiB")),
            (Kind::Disk, "none", None, None),
        ];
        for (kind, text, down, up) in cases {
            let got = (varied(kind, text, -10), varied(kind, text, 10));
            assert_eq!((got.0.as_deref(), got.1.as_deref()), (down, up), "{text}");
        }
    }
}
