//! Reads the files that demand is taken from: recorded traces, tables of a week, measured lengths of time.

use std::sync::Arc;

use wharfage_core::{Diagnostic, diagnostic::quoted, text, text::Text, tr};
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
    let column = quoted(column);
    let (message, label, help): (Text, &'static str, Text) = match wrong {
        Wrong::NoArrivals(names) => (
            text!("`{name}` does not say when requests arrive", name),
            "no arrivals",
            text!("it has the columns {columns}; {forms}", columns = list(names), forms = Text::from(FORMS)),
        ),
        Wrong::Rates => (
            text!("`{name}` has rates in `{column}`, where each row of a trace is a request", name, column),
            "rates",
            "write a model instead, such as poisson:100/s, diurnal:mean=100/s or weekly:FILE with the rates of a week's hours".into(),
        ),
        Wrong::NoColumn(names) if column == "duration_us" => (
            text!("`{name}` has no column `{column}`", name, column),
            "a column is missing",
            text!(
                "it has the columns {columns}; or write how long requests take, such as exp:80ms",
                columns = list(names)
            ),
        ),
        Wrong::NoColumn(names) => (
            text!("`{name}` has no column `{column}`", name, column),
            "a column is missing",
            text!("it has the columns {columns}", columns = list(names)),
        ),
        Wrong::NotANumber(cell) => (
            text!(
                "`{name}`, line {line}: `{cell}` in `{column}` is not a number of 0 or more",
                name,
                line = *line,
                cell = quoted(cell),
                column
            ),
            "not a number",
            "write digits, such as 1500 or 0.5".into(),
        ),
        Wrong::TooLarge(cell) => (
            text!(
                "`{name}`, line {line}: `{cell}` in `{column}` is beyond what can be simulated",
                name,
                line = *line,
                cell = Text::known(quoted(cell)),
                column
            ),
            "too large",
            "times are at most 584 years: check the unit in the column's name".into(),
        ),
        Wrong::Backwards { at, before } => (
            text!(
                "`{name}`, line {line}: the request arrives at {at} s, before the one above it at {before} s",
                name,
                line = *line,
                at = signed(*at),
                before = signed(*before)
            ),
            "goes back in time",
            "sort the file, or write --sort".into(),
        ),
        Wrong::Cells { there, wanted } => (
            text!(
                "`{name}`, line {line}: {there} cells where the header has {wanted}",
                name,
                line = *line,
                there = *there,
                wanted = *wanted
            ),
            "not a row",
            "each line has as many cells as the first".into(),
        ),
        Wrong::Quotes => (
            text!("`{name}`, line {line}: a cell's quotes are not closed, or not around all of it", name, line = *line),
            "not a row",
            "a cell begins and ends on its line, and two quotes within it are one".into(),
        ),
        Wrong::LongLine => (
            text!("`{name}`, line {line}: it is longer than any row", name, line = *line),
            "not a row",
            "a line has at most 16 MiB".into(),
        ),
        Wrong::Unreadable(why) => (
            text!(
                "`{name}`, line {line}: the file can't be read on: {why}",
                name,
                line = *line,
                why = Text::known(why.as_str())
            ),
            "can't be read",
            "check that it is whole".into(),
        ),
        Wrong::NotText => (
            text!("`{name}` holds no text", name),
            "not a table",
            "a table is lines of cells with commas between them, packed with gzip or not".into(),
        ),
        Wrong::Empty => (
            text!("`{name}` holds nothing to simulate", name),
            tr!("empty"),
            "write a header, and a line for each request under it".into(),
        ),
        Wrong::NotAWeek(hours) => (
            text!("`{name}` has {hours} hours of rates, or none above zero", name, hours = *hours),
            "not a week",
            "a week is 168 lines, Monday's first hour first, with requests per second last".into(),
        ),
    };
    Diagnostic::error("simulate/trace", message).on(field, label).help(help)
}

/// The first of some columns.
fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(12).map(|n| quoted(n)).collect();
    shown.join(", ")
}

/// The forms of traces that are known.
const FORMS: &str = "a trace has arrival_us (_ns, _ms, _s) or timestamp; end_timestamp and duration (Azure Functions 2021); \
    client_start_time (AWS Lambda logs); or HashFunction and counts of minutes from 1 on (Azure Functions 2019)";

/// A time in seconds, which may be before the first.
fn signed(ns: i128) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    format!("{sign}{}", seconds(u64::try_from(ns.unsigned_abs()).unwrap_or(u64::MAX)))
}
