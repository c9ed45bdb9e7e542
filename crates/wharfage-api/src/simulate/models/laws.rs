//! How long something takes: `exp:80ms`, `lognormal:mean=80ms,cv=1`, or what a trace says.

use wharfage_core::{text, text::Text};
use wharfage_sim::{Durations, Expression, Law, Misread, Nanos};

use super::{
    arguments::{Arguments, legible, unknown},
    positive, some_time, time,
};
use crate::grammar::{Parsed, fault};

const LAWS: [&str; 11] =
    ["const", "exp", "lognormal", "gamma", "hyperexp", "uniform", "pareto", "weibull", "empirical", "trace", "expr"];

/// Does a part between commas belong to the law before it?
pub fn belongs_to_a_law(part: &str) -> bool {
    let words = ["time", "mean", "cv", "from", "to", "alpha", "shape"];
    part.split_once('=').is_none_or(|(name, _)| words.contains(&name.trim()))
}

/// What stands before the name of a file of measured times.
pub const EMPIRICAL: &str = "empirical:";

/// How long something takes: a law, or what the trace says.
#[derive(Debug, Clone, PartialEq)]
pub enum Length {
    /// drawn
    Law(Law),
    /// from the trace
    Trace(Durations),
}

/// How long something takes.
pub fn length(text: &str) -> Parsed<Length> {
    let text = legible(text)?;
    let (name, rest) = text.split_once(':').unwrap_or((text, ""));
    if name == "trace" && rest.is_empty() {
        return Ok(Length::Trace(Durations::Recorded));
    }
    if name == "expr" {
        return match Expression::read(rest) {
            Ok(e) => Ok(Length::Trace(Durations::Expression(e))),
            Err(part) => fault(misread(&part), "not an expression", "write it like expr:20ms+30us*COLUMN"),
        };
    }
    law(text).map(Length::Law)
}

fn misread(part: &Misread) -> Text {
    match part {
        Misread::TwoTimes(term) => text!("`{term}` multiplies two times", term),
        Misread::Factor(factor) => text!("`{factor}` is neither a time, a number nor a column", factor),
        Misread::NoTime(term) => text!("`{term}` has no time", term),
        Misread::TooLong(term) => text!("`{term}` is too long a time", term),
    }
}

/// A distribution of lengths of time.
pub fn law(text: &str) -> Parsed<Law> {
    let text = legible(text)?;
    let (name, rest) = text.split_once(':').unwrap_or((text, ""));
    let args = |known| Arguments::new(name, rest, known);
    Ok(match name {
        "const" => Law::Constant(args(&["time"])?.get("time", time)?),
        "exp" => Law::Exponential(args(&["mean"])?.get("mean", time)?),
        "lognormal" | "gamma" | "hyperexp" => {
            let a = args(&["mean", "cv"])?;
            varied(name, a.get("mean", time)?, a.get("cv", positive)?)?
        }
        "uniform" => {
            let a = args(&["from", "to"])?;
            let (from, to) = (a.get("from", time)?, a.get("to", time)?);
            if from > to {
                return fault("`from` is longer than `to`", "the wrong way round", "write the shorter time first");
            }
            Law::Uniform { from, to }
        }
        "pareto" => pareto(&args(&["from", "to", "alpha"])?)?,
        "weibull" => {
            let a = args(&["mean", "shape"])?;
            let (mean, shape) = (a.get("mean", time)?, a.get("shape", positive)?);
            if !(0.1..=100.0).contains(&shape) {
                return fault(
                    text!("a shape of {shape} is beyond use", shape = shape.to_string()),
                    "not a shape",
                    "write a number from 0.1 to 100",
                );
            }
            Law::Weibull { mean, shape }
        }
        "empirical" => return fault("no file of measured times is read here", "not here", "write a law instead"),
        other => return unknown(other, &LAWS, text!("lengths of time")),
    })
}

/// A law of a mean and a coefficient of variation.
pub fn varied(name: &str, mean: Nanos, cv: f64) -> Parsed<Law> {
    if cv > 1_000.0 {
        return fault(
            text!("a variation of {cv} is beyond use", cv = cv.to_string()),
            "too large",
            "write a cv of at most 1000",
        );
    }
    match name {
        "gamma" => Ok(Law::Gamma { mean, cv }),
        "lognormal" => Ok(Law::lognormal(mean, cv)),
        _ if cv < 1.0 => {
            fault("a hyperexponential law varies more than an exponential one", "below 1", "write a cv of 1 or more")
        }
        _ => Ok(Law::Hyperexponential { mean, cv }),
    }
}

fn pareto(a: &Arguments<'_>) -> Parsed<Law> {
    let (from, to, alpha) = (a.get("from", some_time)?, a.get("to", some_time)?, a.get("alpha", positive)?);
    if from >= to {
        return fault("`from` is not shorter than `to`", "the wrong way round", "write the shorter time first");
    }
    if !(0.01..=100.0).contains(&alpha) {
        return fault(
            text!("an alpha of {alpha} is beyond use", alpha = alpha.to_string()),
            "not an alpha",
            "write a number from 0.01 to 100",
        );
    }
    Ok(Law::Pareto { from, to, alpha })
}

/// How long an idle instance is held: a time, `never`, or a law that is drawn from each time.
pub fn idle_after(text: &str) -> Parsed<Law> {
    match text.trim() {
        "never" => Ok(Law::Constant(Nanos::NEVER)),
        t if t.contains(':') => law(t),
        t => time(t).map(Law::Constant),
    }
}

/// Processor time of a request: a time, a law, or all of its service (`None`).
pub fn cpu_time(text: &str) -> Parsed<Option<Law>> {
    match text.trim() {
        "all" => Ok(None),
        t if t.starts_with(|c: char| c.is_ascii_digit()) => Ok(Some(Law::Constant(time(t)?))),
        t => law(t).map(Some),
    }
}
