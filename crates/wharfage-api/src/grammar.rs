//! The grammar of quantities in requests: sizes, times, rates and counts, each with its unit.
//!
//! # Units
//! `GB` and `GiB` both mean 2^30 bytes here, `MB` and `MiB` 2^20: cloud prices write one and mean the other.
//! # Errors
//! [`Fault`] says what was expected, in a lowercase fragment, and what to write instead.

use rust_decimal::Decimal;
use wharfage_core::{
    beside::ByteRate,
    book::whole_times,
    demand::{Per, RequestRate},
    diagnostic::quoted,
    quantity::{MICROS_PER_HOUR, Mib, Micros, MilliVcpu},
    text,
    text::Text,
    tr,
    workload::{Daemonset, Gpu, NodeDisk},
};

/// What is wrong with a text, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// what is wrong
    pub message: Text,
    /// the same in a few words, to stand below the text
    pub label: Text,
    /// what to do
    pub help: Text,
}

/// What a grammar makes of a text.
pub type Parsed<T> = Result<T, Fault>;

/// A fault.
pub(crate) fn fault<T>(message: impl Into<Text>, label: impl Into<Text>, help: impl Into<Text>) -> Parsed<T> {
    Err(Fault { message: message.into(), label: label.into(), help: help.into() })
}

/// Longest text that can be a value.
const VALUE_MAX: usize = 60;

/// Refuses texts that no quantity is written in, so that messages can quote the others.
pub fn legible(text: &str) -> Parsed<()> {
    if text.trim().is_empty() {
        return fault("an empty text is not a value", tr!("empty"), "write a value, or leave the key out");
    }
    if text.trim().contains(char::is_control) {
        return fault(
            text!("`{text}` has a line break or another control character", text = quoted(text)),
            "more than a value",
            "write one value",
        );
    }
    let length = text.trim().chars().count();
    if length > VALUE_MAX {
        return fault(
            text!("a text of {length} characters is not a value", length),
            "too long",
            "write a value such as 0.5 or 1GiB",
        );
    }
    Ok(())
}

/// Most vCPU of one instance that is taken for meant: larger machines do not exist.
const VCPU_MAX: u64 = 10_000_000;
/// Most memory or data in MiB: an exbibyte.
const MIB_MAX: u64 = 1 << 40;
/// Longest time: 100 years.
const TIME_MAX: u64 = 876_600 * MICROS_PER_HOUR;
/// Most of anything counted.
const COUNT_MAX: u64 = 1_000_000_000_000_000;

/// Splits `1.5GiB` into its digits and its unit; `such` is what to write where it has no digits.
fn split<'t>(text: &'t str, such: &'static str) -> Parsed<(&'t str, &'t str)> {
    let text = text.trim();
    let end =
        text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '_' | '-' | '+'))).unwrap_or(text.len());
    let (digits, unit) = (&text[..end], text[end..].trim_start());
    if digits.is_empty() {
        return fault(text!("`{text}` is not a number", text), "not a number", such);
    }
    let mut after = unit.chars();
    if after.next().is_some_and(|c| c == 'e' || c == 'E')
        && after.next().is_some_and(|c| c.is_ascii_digit() || "+-".contains(c))
    {
        return fault(text!("`{text}` has an exponent", text), "an exponent", "write the digits out, such as 2500");
    }
    Ok((digits, unit))
}

fn negative<T>(text: &str) -> Parsed<T> {
    fault(text!("`{text}` is negative", text), "below zero", "write a number without a sign")
}

/// A plain decimal of at most 18 digits and not negative.
pub fn decimal(text: &str) -> Parsed<Decimal> {
    let t = text.trim();
    if t.starts_with('-') {
        return negative(t);
    }
    if t.contains(',') {
        let help = "write the decimal point as `.` and no separators between thousands";
        return fault(text!("`{text}` has a comma", text = t), "a comma", help);
    }
    let digits = t.bytes().filter(u8::is_ascii_digit).count();
    let plain = digits > 0 && t.bytes().all(|b| b.is_ascii_digit() || b == b'.') && t.matches('.').count() <= 1;
    if !plain {
        return fault(text!("`{text}` is not a number", text = t), "not a number", "write digits, such as 0.5 or 100");
    }
    match Decimal::from_str_exact(t) {
        Ok(d) if digits <= 18 => Ok(d),
        _ => fault(
            text!("`{text}` has too many digits", text = t),
            "too many digits",
            "at most 18 digits are kept exactly",
        ),
    }
}

/// A whole number; `1k`, `5M` and `2B` are thousands, millions and billions.
pub fn count(text: &str) -> Parsed<u64> {
    let (digits, unit) = split(text, "write a whole number, such as 3, 2500 or 5M")?;
    let by = magnitude(unit).ok_or_else(|| Fault {
        message: text!("`{text}` is not a count", text = text.trim()),
        label: "not a count".into(),
        help: "write a whole number, such as 3, 2500 or 5M".into(),
    })?;
    let n = scaled(digits, by)?.ok_or_else(|| Fault {
        message: text!("`{text}` is not a whole number", text = text.trim()),
        label: "a fraction".into(),
        help: "write a whole number, such as 3".into(),
    })?;
    at_most(n, COUNT_MAX, text)
}

/// The parts of a text with commas between them, without those that are empty.
pub fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// A whole number of one or more.
pub fn positive(text: &str) -> Parsed<u64> {
    match count(text)? {
        0 => fault("zero of them is too few", tr!("zero"), "write 1 or more"),
        n => Ok(n),
    }
}

fn magnitude(unit: &str) -> Option<u64> {
    Some(match unit {
        "" => 1,
        "k" | "K" => 1_000,
        "M" => 1_000_000,
        "B" | "G" => 1_000_000_000,
        _ => return None,
    })
}

/// A decimal times `by`; `None` where that is no whole number.
fn scaled(digits: &str, by: u64) -> Parsed<Option<u64>> {
    let n = decimal(digits)?;
    match whole_times(n, by) {
        None if n > Decimal::from(u64::MAX / by) => too_large(digits),
        product => Ok(product),
    }
}

fn too_large<T>(text: &str) -> Parsed<T> {
    fault(
        text!("`{text}` is beyond anything that exists", text = text.trim()),
        "too large",
        "check the number and its unit",
    )
}

fn at_most(n: u64, most: u64, text: &str) -> Parsed<u64> {
    if n > most { too_large(text) } else { Ok(n) }
}

/// vCPU of an instance: `0.5`, `500m`, `2 vCPU`.
pub fn vcpu(text: &str) -> Parsed<MilliVcpu> {
    let (digits, unit) = split(text, "write 0.5, 500m or 2")?;
    let by = match unit.to_ascii_lowercase().as_str() {
        "" | "vcpu" | "vcpus" | "cpu" => 1000,
        "m" => 1,
        _ => return fault(text!("`{unit}` is not a unit of vCPU", unit), "unknown unit", "write 0.5, 500m or 2"),
    };
    let n = match scaled(digits, by)? {
        Some(0) => {
            return fault(
                "0 vCPU runs nothing",
                tr!("zero"),
                "write 0.25 or more; leave it out for a platform's default",
            );
        }
        Some(n) => n,
        None => {
            return fault(
                text!("`{text}` is finer than a thousandth of a vCPU", text = text.trim()),
                "too fine",
                "round it to 0.001",
            );
        }
    };
    at_most(n, VCPU_MAX, text).map(MilliVcpu)
}

/// Memory, disk or data: `512MiB`, `1.5GiB`, `30GB`, `2TiB`.
pub fn mib(text: &str) -> Parsed<Mib> {
    let (digits, unit) = split(text, "write MiB, GiB or TiB, such as 512MiB")?;
    let by = match unit.to_ascii_lowercase().as_str() {
        "mib" | "mb" | "mi" | "m" => 1,
        "gib" | "gb" | "gi" | "g" => 1024,
        "tib" | "tb" | "ti" | "t" => 1 << 20,
        "" => {
            let help = text!("write {digits}GiB or {digits}MiB", digits);
            return fault(text!("`{digits}` has no unit", digits), "a unit is missing", help);
        }
        _ => {
            return fault(
                text!("`{unit}` is not a unit of memory", unit),
                "unknown unit",
                "write MiB, GiB or TiB, such as 512MiB",
            );
        }
    };
    match scaled(digits, by)? {
        Some(n) => at_most(n, MIB_MAX, text).map(Mib),
        None => {
            fault(text!("`{text}` is not a whole number of MiB", text = text.trim()), "too fine", "write it in MiB")
        }
    }
}

/// Memory or disk of more than nothing.
pub fn some_mib(text: &str) -> Parsed<Mib> {
    match mib(text)? {
        Mib(0) => {
            fault("no memory runs nothing", tr!("zero"), "write 128MiB or more; leave it out for a platform's default")
        }
        m => Ok(m),
    }
}

/// A time: `80ms`, `45s`, `10m`, `1h30m`, `30d`.
pub fn time(text: &str) -> Parsed<Micros> {
    at_most(instance_time(text)?.0, TIME_MAX, text).map(Micros)
}

/// Time of many instances together, written like a time and as long as can be counted.
pub fn instance_time(text: &str) -> Parsed<Micros> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    let help = "write a time such as 80ms, 45s, 10m, 1h30m or 30d";
    if rest.is_empty() {
        return fault("no time given", tr!("empty"), help);
    }
    if rest.starts_with('-') {
        return negative(rest);
    }
    while !rest.is_empty() {
        let (digits, after) = split(rest, help)?;
        let end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let by = match &after[..end] {
            "us" | "µs" => 1,
            "ms" => 1_000,
            "s" | "sec" | "secs" | "second" | "seconds" => 1_000_000,
            "m" | "min" | "mins" | "minute" | "minutes" => 60_000_000,
            "h" | "hr" | "hrs" | "hour" | "hours" => MICROS_PER_HOUR,
            "d" | "day" | "days" => 24 * MICROS_PER_HOUR,
            "" => {
                return fault(
                    text!("`{digits}` has no unit of time", digits),
                    "a unit is missing",
                    text!("write {digits}s, {digits}ms or {digits}h", digits),
                );
            }
            other => return fault(text!("`{unit}` is not a unit of time", unit = other), "unknown unit", help),
        };
        let part = scaled(digits, by)?.ok_or_else(|| Fault {
            message: text!("`{text}` is finer than a microsecond", text = text.trim()),
            label: "too fine".into(),
            help: "round it to a microsecond".into(),
        })?;
        total = match total.checked_add(part) {
            Some(sum) => sum,
            None => return too_large(text),
        };
        rest = after[end..].trim_start();
    }
    Ok(Micros(total))
}

/// A time of more than nothing.
pub fn some_time(text: &str) -> Parsed<Micros> {
    match time(text)? {
        Micros(0) => fault("a time of zero is nothing to price", tr!("zero"), "write a time such as 80ms or 10m"),
        t => Ok(t),
    }
}

/// A number of hours, as `176` or as a time (`176h`).
pub fn hours(text: &str) -> Parsed<Micros> {
    let plain = text.trim().bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if plain { some_time(&format!("{}h", text.trim())) } else { some_time(text) }
}

/// Requests per time: `100/s`, `5M/month`, `1.5k/min`, `0/s`.
pub fn rate(text: &str) -> Parsed<RequestRate> {
    let help = "write requests per time, such as 100/s, 5M/month or 2k/min";
    let Some((amount, per)) = text.split_once('/') else {
        return fault(text!("`{text}` says no time", text = text.trim()), "per what time?", help);
    };
    let (digits, unit) = split(amount, help)?;
    let Some(by) = magnitude(unit) else {
        return fault(text!("`{unit}` is not a magnitude of requests", unit), "unknown magnitude", help);
    };
    let Some(micro) = scaled(digits, by).and_then(|n| match n {
        Some(n) => Ok(n.checked_mul(1_000_000)),
        None => Ok(whole_times(decimal(digits)?, by * 1_000_000)),
    })?
    else {
        return fault(
            text!("`{text}` is not a rate that can be kept exactly", text = text.trim()),
            "too fine or too large",
            help,
        );
    };
    let per = match per.trim() {
        "month" | "mo" => Per::Month,
        other => Per::Time(time_per(other)?),
    };
    Ok(RequestRate { micro_requests: u128::from(micro), per })
}

/// The time a rate is per: `s`, `min`, `h`, `day`.
fn time_per(text: &str) -> Parsed<Micros> {
    match text.trim() {
        "s" | "sec" | "second" => Ok(Micros(1_000_000)),
        "m" | "min" | "minute" => Ok(Micros(60_000_000)),
        "h" | "hr" | "hour" => Ok(Micros(MICROS_PER_HOUR)),
        "d" | "day" => Ok(Micros(24 * MICROS_PER_HOUR)),
        other => fault(
            text!("`{text}` is not a time a rate can be per", text = other),
            "unknown time",
            "write /s, /min, /h, /day or /month",
        ),
    }
}

/// Bytes per time: `300kB/s`, `1MB/min`. Decimal, as capacity units of load balancers are; `KiB`, `MiB` and `GiB` are binary.
pub fn byte_rate(text: &str) -> Parsed<ByteRate> {
    let help = "write bytes per time, such as 300kB/s or 1MB/min";
    let Some((amount, per)) = text.split_once('/') else {
        return fault(text!("`{text}` says no time", text = text.trim()), "per what time?", help);
    };
    let (digits, unit) = split(amount, help)?;
    let by = match unit {
        "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "" => {
            return fault(
                text!("`{digits}` has no unit", digits),
                "a unit is missing",
                text!("write {digits}kB/s or {digits}MB/s", digits),
            );
        }
        _ => return fault(text!("`{unit}` is not a unit of data", unit), "unknown unit", help),
    };
    let Some(bytes) = scaled(digits, by)? else {
        return fault(
            text!("`{text}` is not a whole number of bytes", text = text.trim()),
            "too fine",
            "write it in bytes",
        );
    };
    Ok(ByteRate { bytes: at_most(bytes, COUNT_MAX, text)?, per: time_per(per)? })
}

/// A share above 0 and at most 1, as a ratio: `0.6`, `60%`.
pub fn share(text: &str) -> Parsed<(u64, u64)> {
    let t = text.trim();
    let (digits, places) = t.strip_suffix('%').map_or((t, 0), |d| (d.trim_end(), 2));
    let d = decimal(digits)?.normalize();
    let (num, den) = (u64::try_from(d.mantissa()), 10_u64.checked_pow(d.scale() + places));
    match (num, den) {
        (Ok(num), Some(den)) if num > 0 && num <= den => Ok((num, den)),
        _ => fault(
            text!("`{text}` is not a share", text = t),
            "not a share",
            "write a number above 0 and at most 1, such as 0.6",
        ),
    }
}

/// A share above 0 and below 1, as a ratio: `10%`, `0.1`.
pub fn part(text: &str) -> Parsed<(u64, u64)> {
    match share(text) {
        Ok((num, den)) if num < den => Ok((num, den)),
        _ => {
            let message = text!("`{text}` is not a part of the whole", text = text.trim());
            fault(message, "not a part", "write a share above 0 and below 1, such as 10%")
        }
    }
}

/// GPUs: `l4:1`, `l4`, `nvidia-l4:2`.
pub fn gpu(text: &str) -> Parsed<Gpu> {
    let t = text.trim().to_ascii_lowercase();
    let (model, n) = t.split_once(':').unwrap_or((&t, "1"));
    let model = model.trim().trim_start_matches("nvidia-").trim_start_matches("tesla-");
    if model.is_empty() || !model.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return fault(
            text!("`{text}` is not a GPU", text = text.trim()),
            "not a GPU",
            "write a model and a count, such as l4:1",
        );
    }
    Ok(Gpu { model: model.to_owned(), count: positive(n)? })
}

/// A machine type: `g2-standard-4`, `m7g.large`.
pub fn machine(text: &str) -> Parsed<String> {
    let t = text.trim().to_ascii_lowercase();
    if t.is_empty() || !t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') {
        let help = "write a type as its provider does, such as g2-standard-4 or m7g.large";
        return fault(text!("`{text}` is not a machine type", text = text.trim()), "not a machine type", help);
    }
    Ok(t)
}

/// A node's boot disk: `none`, `gp3:20GiB`.
pub fn node_disk(text: &str) -> Parsed<NodeDisk> {
    let t = text.trim().to_ascii_lowercase();
    if t == "none" {
        return Ok(NodeDisk::None);
    }
    let named = |kind: &str| {
        !kind.is_empty() && kind != "snapshot" && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let Some((kind, size)) = text.trim().split_once(':').filter(|(kind, _)| named(kind.trim())) else {
        let help = "write a kind and a size, such as gp3:20GiB or pd-balanced:100GiB, or none";
        return fault(text!("`{text}` is not a disk", text = text.trim()), "not a disk", help);
    };
    Ok(NodeDisk::Of { kind: kind.trim().to_ascii_lowercase(), size: some_mib(size)? })
}

/// What a DaemonSet asks for: `100m/128MiB`.
pub fn daemonset(text: &str) -> Parsed<Daemonset> {
    let Some((cpu, memory)) = text.split_once('/') else {
        return fault(
            text!("`{text}` is not vCPU and memory", text = text.trim()),
            "not a pair",
            "write both, such as 100m/128MiB",
        );
    };
    Ok(Daemonset { vcpu: vcpu(cpu)?, memory: some_mib(memory)? })
}

/// A calendar year: `2027`.
pub fn year(text: &str) -> Option<i16> {
    let t = text.trim();
    let four = t.len() == 4 && t.bytes().all(|b| b.is_ascii_digit());
    t.parse().ok().filter(|y| four && YEARS.contains(y))
}

/// Years that a bill can be for.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2150;

/// A period's length: a time, a calendar month or a calendar year.
pub fn period(text: &str) -> Parsed<Micros> {
    let t = text.trim();
    let days = |n: u64| Ok(Micros(n * 24 * MICROS_PER_HOUR));
    if t.len() == 4 && t.bytes().all(|b| b.is_ascii_digit()) {
        let first = year(t).and_then(|y| jiff::civil::Date::new(y, 1, 1).ok());
        return match first {
            Some(d) => days(u64::from(d.days_in_year().unsigned_abs())),
            None => fault(
                text!("`{text}` is not a calendar year that can be priced", text = t),
                "not such a year",
                text!(
                    "write a year from {first} to {last}, such as 2027, or hours such as {text}h",
                    first = i32::from(*YEARS.start()),
                    last = i32::from(*YEARS.end()),
                    text = t,
                ),
            ),
        };
    }
    if let Some((year, month)) = t.split_once('-') {
        let numbers = (year.parse::<i16>(), month.parse::<i8>());
        let first = match numbers {
            (Ok(y), Ok(m)) if YEARS.contains(&y) => jiff::civil::Date::new(y, m, 1).ok(),
            _ => None,
        };
        return match first {
            Some(d) => days(u64::from(d.days_in_month().unsigned_abs())),
            None => fault(
                text!("`{text}` is not a calendar month", text = t),
                "not a month",
                "write a month such as 2026-02",
            ),
        };
    }
    let length = some_time(t).map_err(|f| Fault {
        help: text!("{help}; a period may also be a month such as 2026-02 or a year such as 2027", help = f.help),
        ..f
    })?;
    Ok(length)
}

/// A currency and its rate to the dollar: `KRW=1385.20`.
pub fn fx(text: &str) -> Parsed<(String, Decimal)> {
    let help = "write the currency's three letters and what a dollar costs in it, such as KRW=1385.20";
    let Some((currency, rate)) = text.split_once('=') else {
        return fault(text!("`{text}` is not a currency and a rate", text = text.trim()), "not a pair", help);
    };
    let currency = currency.trim().to_ascii_uppercase();
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return fault(text!("`{text}` is not a currency", text = currency), "not three letters", help);
    }
    let rate = decimal(rate)?;
    if rate.is_zero() {
        return fault("a rate of zero makes everything free", tr!("zero"), help);
    }
    Ok((currency, rate))
}

/// Dollars an hour: `1.50USD/h`.
pub fn hourly(text: &str) -> Parsed<Decimal> {
    let help = "write dollars an hour, such as 1.50USD/h";
    let t = text.trim();
    let digits = t.strip_suffix("/h").map_or(t, |d| d.trim_end());
    let digits = digits.strip_suffix("USD").unwrap_or(digits).trim_end();
    if let Some(unit) = digits.find(|c: char| c.is_alphabetic() || c == '/' || c == '$') {
        return fault(text!("`{text}` is not dollars an hour", text = &digits[unit..]), "not USD/h", help);
    }
    let hourly = decimal(digits)?.normalize();
    if hourly.is_zero() {
        return fault(
            "a commitment of nothing is none",
            tr!("zero"),
            "leave it out, or write dollars an hour, such as 1.50USD/h",
        );
    }
    if hourly.scale() > wharfage_core::money::PLACES {
        return fault(text!("`{text}` has more than 12 decimals", text = t), "too fine", help);
    }
    Ok(hourly)
}

/// A day: `2026-11-22`.
pub fn day(text: &str) -> Parsed<jiff::civil::Date> {
    let t = text.trim();
    match t.parse::<jiff::civil::Date>() {
        Ok(d) if t.len() == 10 && YEARS.contains(&d.year()) => Ok(d),
        _ => fault(text!("`{text}` is not a day", text = t), "not a day", "write a day such as 2026-11-22"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_is_dollars_an_hour() {
        for text in ["1.50USD/h", "1.5", "1.5/h", " 1.50 USD/h "] {
            assert_eq!(hourly(text).ok(), Decimal::from_str_exact("1.5").ok(), "{text}");
        }
        for text in ["0", "-1", "1.50EUR/h", "1.50USD/day", "$1.50/h", "0.0000000000001", ""] {
            assert!(hourly(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_disk_has_a_kind_and_a_size_or_there_is_none() {
        let of = |kind: &str, gib: u64| Ok(NodeDisk::Of { kind: kind.into(), size: Mib(gib * 1024) });
        for (text, want) in [
            ("none", Ok(NodeDisk::None)),
            ("gp3:20GiB", of("gp3", 20)),
            (" PD-Balanced : 100GB ", of("pd-balanced", 100)),
        ] {
            assert_eq!(node_disk(text), want, "{text}");
        }
        for bad in ["", "gp3", "20GiB", ":20GiB", "gp3:0GiB", "gp3:twenty", "gp 3:20GiB", "snapshot:20GiB"] {
            assert!(node_disk(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_are_binary_whatever_they_are_called() {
        #[rustfmt::skip]
        let cases = [("512MiB", 512), ("1GiB", 1024), ("1GB", 1024), ("0.5 GiB", 512), ("30gb", 30720), ("2TiB", 2 << 20)];
        for (text, want) in cases {
            assert_eq!(mib(text), Ok(Mib(want)), "{text}");
        }
        for bad in ["1", "1XB", "-1GiB", "1,5GiB", "", "GiB", "99999999TiB", "0.0001MiB", "1e3GiB"] {
            assert!(mib(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_may_have_parts() {
        #[rustfmt::skip]
        let cases = [("80ms", 80_000), ("45s", 45_000_000), ("1h30m", 5_400_000_000), ("1.5s", 1_500_000), ("30d", 2_592_000_000_000)];
        for (text, want) in cases {
            assert_eq!(time(text), Ok(Micros(want)), "{text}");
        }
        for bad in ["80", "s", "-1s", "1fortnight", "1000000000d", "0.0000001s"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rates_keep_fractions_of_a_request() {
        #[rustfmt::skip]
        let cases = [("100/s", 100_000_000), ("5M/month", 5_000_000_000_000), ("0.25/h", 250_000), ("0/s", 0), ("1.5k/min", 1_500_000_000)];
        for (text, want) in cases {
            assert_eq!(rate(text).map(|r| r.micro_requests), Ok(want), "{text}");
        }
        for bad in ["100", "100/fortnight", "x/s", "-1/s", "/s"] {
            assert!(rate(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bytes_per_time_are_decimal_unless_they_say_binary() {
        #[rustfmt::skip]
        let cases = [("300kB/s", 300_000), ("1MB/min", 1_000_000), ("0.5GB/h", 500_000_000), ("1KiB/s", 1024), ("12B/s", 12), ("0kB/s", 0)];
        for (text, want) in cases {
            assert_eq!(byte_rate(text).map(|r| r.bytes), Ok(want), "{text}");
        }
        for bad in ["300kB", "300/s", "300kb/s", "0.5B/s", "1MB/month", "-1kB/s", "kB/s"] {
            assert!(byte_rate(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn months_and_years_have_their_own_hours() {
        #[rustfmt::skip]
        let cases = [("730h", 730), ("2026-02", 672), ("2028-02", 696), ("2026-12", 744), ("30d", 720), ("2027", 8760), (" 2028 ", 8784)];
        for (text, hours) in cases {
            assert_eq!(period(text), Ok(Micros(hours * MICROS_PER_HOUR)), "{text}");
        }
        for bad in ["2026-13", "0h", "2026-2-1", "month", "1999", "2151", "27", "2027y"] {
            assert!(period(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn shares_gpus_and_the_rest() {
        assert_eq!(share("60%"), Ok((60, 100)));
        assert_eq!(share("0.6"), Ok((6, 10)));
        assert!(share("0").is_err() && share("1.1").is_err());
        assert_eq!(part("10%"), Ok((10, 100)));
        assert!(part("0%").is_err() && part("100%").is_err() && part("x").is_err());
        assert_eq!(gpu("nvidia-l4:2"), Ok(Gpu { model: "l4".into(), count: 2 }));
        assert_eq!(vcpu("500m"), vcpu("0.5"));
        assert!(vcpu("0").is_err() && vcpu("0.0001").is_err() && vcpu("99999").is_err());
        assert_eq!(fx("krw=1385.20").map(|(c, _)| c), Ok("KRW".to_owned()));
    }
}
