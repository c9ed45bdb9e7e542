//! Reads the files that demand is taken from: recorded traces, tables of a week, measured lengths of time.

use std::sync::Arc;

use wharfage_core::{Diagnostic, diagnostic::quoted, text::Text};
use wharfage_sim::{Arrivals, Format, Law, Rate, Trace, TraceFault, Wrong};

use super::{Opener, figures::seconds};

/// A recorded trace. Behind a `#` stands the function whose requests are taken, where no file has that name.
pub fn trace(open: Opener<'_>, name: &str, format: &Format) -> Result<Arrivals, Diagnostic> {
    let of_function = |refused| {
        let (file, function) = name.rsplit_once('#').ok_or(refused)?;
        Ok((file, Format { function: Some(function.to_owned()), ..format.clone() }, open(file)?))
    };
    let (file, format, input) = match open(name) {
        Ok(input) => (name, format.clone(), input),
        Err(refused) => of_function(refused)?,
    };
    let trace = Trace::read(input, &format).map_err(|fault| told(file, "arrivals", &fault))?;
    Ok(Arrivals::Trace(Arc::new(trace)))
}

/// A week of hourly rates, or of multiples of a rate.
pub fn weekly(open: Opener<'_>, name: &str, of: Option<Rate>) -> Result<Arrivals, Diagnostic> {
    Arrivals::weekly(open(name)?, of).map_err(|fault| told(name, "arrivals", &fault))
}

/// Measured lengths of time, for a field.
pub fn empirical(open: Opener<'_>, name: &str, field: &str) -> Result<Law, Diagnostic> {
    Law::empirical(open(name)?).map_err(|fault| told(name, field, &fault))
}

/// What is wrong with a file that a field names.
fn told(name: &str, field: &str, fault: &TraceFault) -> Diagnostic {
    let TraceFault { line, column, wrong } = fault;
    let at = format!("`{name}`, line {line}");
    let there = |names: &[String]| {
        let shown: Vec<String> = names.iter().take(12).map(|n| quoted(n)).collect();
        format!("it has the columns {}", shown.join(", "))
    };
    let (message, label, help) = match wrong {
        Wrong::NoArrivals(names) => {
            (format!("`{name}` does not say when requests arrive"), "no arrivals", format!("{}; {FORMS}", there(names)))
        }
        Wrong::NoColumn(names) => {
            (format!("`{name}` has no column `{}`", quoted(column)), "a column is missing", there(names))
        }
        Wrong::NotANumber(text) => (
            format!("{at}: `{}` in `{}` is not a number of 0 or more", quoted(text), quoted(column)),
            "not a number",
            "write digits, such as 1500 or 0.5".to_owned(),
        ),
        Wrong::TooLarge(text) => (
            format!("{at}: `{}` in `{}` is beyond what can be simulated", quoted(text), quoted(column)),
            "too large",
            "times are at most 584 years: check the unit in the column's name".to_owned(),
        ),
        Wrong::Backwards { at: this, before } => (
            format!("{at}: the request arrives at {} s, before the one above it at {} s", of(*this), of(*before)),
            "goes back in time",
            "sort the file, or write --sort".to_owned(),
        ),
        Wrong::Malformed(what) => {
            (format!("{at}: {}", quoted(what)), "not a row", "each line has as many cells as the first".to_owned())
        }
        Wrong::Unreadable(why) => (
            format!("{at}: the file can't be read on: {}", quoted(why)),
            "can't be read",
            "check that it is whole".to_owned(),
        ),
        Wrong::NotText => (
            format!("`{name}` holds no text"),
            "not a table",
            "a table is lines of cells with commas between them, packed with gzip or not".to_owned(),
        ),
        Wrong::Empty => (
            format!("`{name}` holds nothing to simulate"),
            "empty",
            "write a header, and a line for each request under it".to_owned(),
        ),
        Wrong::NotAWeek(hours) => (
            format!("`{name}` has {hours} hours of rates, or none above zero"),
            "not a week",
            "a week is 168 lines, Monday's first hour first, with requests per second last".to_owned(),
        ),
    };
    let (message, help) = (Text::known(message), Text::known(help));
    Diagnostic::error("simulate/trace", message).on(field, Text::known(label)).help(help)
}

/// The forms of traces that are known.
const FORMS: &str = "a trace has arrival_us (_ns, _ms, _s) or timestamp; end_timestamp and duration (Azure Functions 2021); \
    client_start_time (AWS Lambda logs); or HashFunction and counts of minutes from 1 on (Azure Functions 2019)";

/// A time in seconds, which may be before the first.
fn of(ns: i128) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    format!("{sign}{}", seconds(u64::try_from(ns.unsigned_abs()).unwrap_or(u64::MAX)))
}
