//! When requests arrive: `poisson:100/s`, `burst:base=100/s,factor=10,every=1h,for=60s`, `trace:FILE.csv`.

use wharfage_core::{
    demand::Per,
    quantity::{MICROS_PER_HOUR, Micros},
    text, tr,
};
use wharfage_sim::{Arrivals, Nanos, Rate, Step};

use super::{
    arguments::{Arguments, legible, unknown},
    laws::varied,
    number, positive, some_time, time,
};
use crate::grammar::{self, Parsed, fault};

/// When requests arrive, before files are read.
#[derive(Debug, Clone, PartialEq)]
pub enum Demand {
    /// a model
    Model(Arrivals),
    /// a recorded trace in this file
    Trace(String),
    /// 168 hourly rates in this file, or multiples of this rate
    Weekly(String, Option<Rate>),
}

/// A month of a rate, in hours.
const MONTH_HOURS: u64 = 730;

/// Requests per time, more than none.
pub fn rate(text: &str) -> Parsed<Rate> {
    let r = grammar::rate(text)?;
    if r.micro_requests == 0 {
        return fault("a rate of zero brings no request", tr!("zero"), "write more, such as 1/h or 100/s");
    }
    let per = match r.per {
        Per::Time(Micros(us)) => us,
        Per::Month => MONTH_HOURS * MICROS_PER_HOUR,
    };
    Ok(Rate::micro(r.micro_requests, Nanos::from_micros(per)))
}

/// A time of day, `14:00`, or a time since the start.
fn time_of_day(text: &str) -> Parsed<Nanos> {
    let Some((hours, minutes)) = text.split_once(':') else { return time(text) };
    match (hours.parse::<u64>(), minutes.parse::<u64>()) {
        (Ok(h), Ok(m)) if h < 24 && m < 60 => Ok(Nanos::from_secs(h * 3_600 + m * 60)),
        _ => fault(text!("`{text}` is not a time of day", text), "not a time of day", "write it like 14:00"),
    }
}

const ARRIVALS: [&str; 11] =
    ["constant", "poisson", "diurnal", "burst", "mmpp", "hawkes", "gamma", "lognormal", "hyperexp", "weekly", "trace"];

/// When requests arrive.
pub fn arrivals(text: &str) -> Parsed<Demand> {
    let text = legible(text)?;
    let (name, rest) = text.split_once(':').unwrap_or((text, ""));
    let args = |known| Arguments::new(name, rest, known);
    let model = match name {
        "constant" => Arrivals::Constant(args(&["rate"])?.get("rate", rate)?),
        "poisson" => Arrivals::Poisson(args(&["rate"])?.get("rate", rate)?),
        "diurnal" => diurnal(&args(&["mean", "amplitude", "period", "peak-at"])?)?,
        "burst" => burst(&args(&["base", "factor", "every", "for"])?)?,
        "mmpp" => {
            let a = args(&["quiet", "busy", "quiet-for", "busy-for"])?;
            let rates = [a.get("quiet", rate)?, a.get("busy", rate)?];
            Arrivals::Mmpp { rates, stays: [a.get("quiet-for", some_time)?, a.get("busy-for", some_time)?] }
        }
        "hawkes" => hawkes(&args(&["base", "alpha", "beta"])?)?,
        "gamma" | "lognormal" | "hyperexp" => {
            let a = args(&["rate", "cv"])?;
            Arrivals::Renewal(varied(name, gap(a.get("rate", rate)?)?, a.get("cv", positive)?)?)
        }
        "weekly" | "trace" if rest.trim().is_empty() => {
            return fault(
                text!("`{name}` names no file", name),
                "which file?",
                text!("write {example}", example = format!("{name}:FILE.csv")),
            );
        }
        "weekly" => return weekly(rest),
        "trace" => return Ok(Demand::Trace(rest.to_owned())),
        other => return unknown(other, &ARRIVALS, text!("arrivals")),
    };
    Ok(Demand::Model(model))
}

/// A file, and behind it the rate that its hours are multiples of, if they are.
fn weekly(rest: &str) -> Parsed<Demand> {
    match rest.rsplit_once(",rate=") {
        Some((file, of)) => Ok(Demand::Weekly(file.to_owned(), Some(rate(of)?))),
        None => Ok(Demand::Weekly(rest.to_owned(), None)),
    }
}

/// The mean gap of a rate, to the nanosecond.
fn gap(rate: Rate) -> Parsed<Nanos> {
    match rate.gap_ns() as u64 {
        0 => fault("more than 1000 million requests a second", "too large", "check the rate and its unit"),
        ns => Ok(Nanos(ns)),
    }
}

fn diurnal(a: &Arguments<'_>) -> Parsed<Arrivals> {
    let amplitude = a.or("amplitude", number, 0.5)?;
    if amplitude > 1.0 {
        return fault("an amplitude above 1 would be negative rates", "above 1", "write a number from 0 to 1");
    }
    let day = Nanos::from_secs(86_400);
    Ok(Arrivals::Diurnal {
        mean: a.get("mean", rate)?,
        amplitude,
        period: a.or("period", some_time, day)?,
        peak_at: a.or("peak-at", time_of_day, Nanos::from_secs(14 * 3_600))?,
    })
}

fn burst(a: &Arguments<'_>) -> Parsed<Arrivals> {
    let base_text = a.get("base", |t| Ok(t.to_owned()))?;
    let (base, factor) =
        (grammar::rate(&base_text)?, grammar::decimal(a.get("factor", |t| Ok(t.to_owned()))?.as_str())?);
    let (every, lasts) = (a.get("every", some_time)?, a.get("for", some_time)?);
    if lasts >= every {
        return fault("a burst is as long as the time between two", "too long", "write a shorter `for`");
    }
    let quiet = rate(&base_text)?;
    let micro = wharfage_core::book::whole_times(factor, 1_000_000).map(u128::from);
    let Some(raised) = micro.and_then(|m| base.micro_requests.checked_mul(m)).filter(|m| *m > 0) else {
        return fault(
            "the factor of the burst is zero, too fine or too large",
            "not a factor",
            "write a number such as 10 or 2.5",
        );
    };
    let per = match base.per {
        Per::Time(Micros(us)) => us,
        Per::Month => MONTH_HOURS * MICROS_PER_HOUR,
    };
    let busy = Rate::micro(raised.div_ceil(1_000_000), Nanos::from_micros(per));
    let rest = Nanos(every.0 - lasts.0);
    Ok(Arrivals::Steps(vec![Step { lasts, rate: busy }, Step { lasts: rest, rate: quiet }]))
}

fn hawkes(a: &Arguments<'_>) -> Parsed<Arrivals> {
    let (base, jump, decay) = (a.get("base", rate)?, a.get("alpha", number)?, a.get("beta", positive)?);
    if jump >= decay {
        return fault(
            "each arrival brings one more on average, without end",
            "alpha is not below beta",
            "write an alpha below beta",
        );
    }
    Ok(Arrivals::Hawkes { base, jump, decay })
}

/// Presets of demand, after what functions in production look like.
pub const PRESETS: [(&str, &str); 6] = [
    ("rare", "poisson:1/h"),
    ("per-minute", "poisson:1/min"),
    ("steady", "poisson:5/s"),
    ("api", "diurnal:mean=100/s,amplitude=0.5,period=24h,peak-at=14:00"),
    ("spiky", "mmpp:100/s,1000/s,600s,20s"),
    ("cron", "constant:12/h"),
];
