//! How values of autoscalers' parameters are written, and what they can be.

use std::ops::RangeInclusive;

use wharfage_core::{text, text::Text};
use wharfage_sim::{
    Nanos,
    autoscaler::{Change, Kind, Value},
};

use super::models;
use crate::grammar::{self, Parsed, fault};

const SECOND: u64 = 1_000_000_000;
/// How long a limit of change holds: Kubernetes takes up to half an hour.
const PERIOD: RangeInclusive<Nanos> = Nanos(SECOND)..=Nanos(1_800 * SECOND);
/// Most pods or hundredths in a limit of change.
const MOST_CHANGE: u64 = 1_000_000;

/// What a parameter of a kind is set to.
pub fn value(kind: &Kind, text: &str) -> Parsed<Value> {
    match kind {
        Kind::Time(range, _) => within(models::time(text)?, range, text, kind).map(Value::Time),
        Kind::Seconds(range, _) => {
            let time = within(models::time(text)?, range, text, kind)?;
            if !time.0.is_multiple_of(SECOND) {
                let message = text!("`{text}` is not a whole number of seconds", text);
                return fault(message, "too fine", "round it to a second");
            }
            Ok(Value::Time(time))
        }
        Kind::Law(_) => models::idle_after(text).map(Value::Law),
        Kind::Whole(range, _) => within(grammar::count(text)?, range, text, kind).map(Value::Whole),
        Kind::Number(range, _) => within(models::number(text)?, range, text, kind).map(Value::Number),
        Kind::Percent(range, _) => {
            let hundredths = models::number(text.strip_suffix('%').unwrap_or(text).trim_end())?;
            within(hundredths, range, text, kind).map(|x| Value::Number(x / 100.0))
        }
        Kind::Share(_) => grammar::share(text).map(|(num, den)| Value::Number(num as f64 / den as f64)),
        Kind::Limits(_) => text.split('+').map(limit).collect::<Parsed<_>>().map(Value::Limits),
    }
}

fn within<T: PartialOrd>(value: T, range: &RangeInclusive<T>, text: &str, kind: &Kind) -> Parsed<T> {
    if range.contains(&value) {
        return Ok(value);
    }
    fault(
        text!("`{text}` is out of bounds", text),
        "out of bounds",
        text!("it can be {range}", range = self::range(kind)),
    )
}

/// `4/60s` or `10%/60s`
fn limit(text: &str) -> Parsed<Change> {
    let Some((change, period)) = text.split_once('/') else {
        let message = text!("`{text}` is not a limit of change", text = text.trim());
        return fault(message, "a period is missing", "write it like 4/60s, 10%/60s or both with a + between");
    };
    let period = models::time(period)?;
    if !PERIOD.contains(&period) {
        let message = text!("`{text}` is out of bounds", text = time(period));
        return fault(message, "out of bounds", "a limit of change holds for 1 s to half an hour, such as 15s or 60s");
    }
    let change = change.trim();
    let (digits, percent) = change.strip_suffix('%').map_or((change, false), |digits| (digits, true));
    match grammar::positive(digits)? {
        n if n > MOST_CHANGE => fault(
            text!("`{text}` is beyond any change", text = change),
            "too large",
            "write at most 1M pods or hundredths",
        ),
        n if percent => Ok(Change::Percent(n, period)),
        n => Ok(Change::Pods(n, period)),
    }
}

/// A value as it is written; a law that is drawn from by its mean.
pub fn written(kind: &Kind, value: &Value) -> String {
    match value {
        Value::Time(at) => time(*at),
        Value::Law(law) => time(law.mean()),
        Value::Whole(n) => n.to_string(),
        Value::Number(x) if matches!(kind, Kind::Percent(..)) => (x * 100.0).to_string(),
        Value::Number(x) if matches!(kind, Kind::Share(_)) => format!("{}%", (x * 1e4).round() / 1e2),
        Value::Number(x) => x.to_string(),
        Value::Limits(limits) => limits.iter().map(written_limit).collect::<Vec<_>>().join("+"),
    }
}

fn written_limit(change: &Change) -> String {
    match change {
        Change::Pods(n, period) => format!("{n}/{}", time(*period)),
        Change::Percent(n, period) => format!("{n}%/{}", time(*period)),
    }
}

/// A time as it is written, in the largest unit that it is whole in.
fn time(Nanos(ns): Nanos) -> String {
    let units =
        [("d", 86_400 * SECOND), ("h", 3_600 * SECOND), ("m", 60 * SECOND), ("s", SECOND), ("ms", SECOND / 1_000)];
    match units.into_iter().find(|(_, unit)| ns > 0 && ns.is_multiple_of(*unit)) {
        Some((name, unit)) => format!("{}{name}", ns / unit),
        None => format!("{}s", ns as f64 / 1e9),
    }
}

/// What a parameter of a kind can be.
pub fn range(kind: &Kind) -> Text {
    let from_to = |from: String, to: String| text!("from {from} to {to}", from, to);
    match kind {
        Kind::Time(r, _) => from_to(time(*r.start()), time(*r.end())),
        Kind::Seconds(r, _) => from_to(time(*r.start()), time(*r.end())),
        Kind::Law(_) => "a time, never or a law".into(),
        Kind::Whole(r, _) => from_to(r.start().to_string(), r.end().to_string()),
        Kind::Number(r, _) | Kind::Percent(r, _) => from_to(r.start().to_string(), r.end().to_string()),
        Kind::Share(_) => "a share above 0 and at most 1, such as 60%".into(),
        Kind::Limits(_) => "limits such as 100%/15s+4/15s".into(),
    }
}
