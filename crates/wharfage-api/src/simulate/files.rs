//! Reads the files that demand is taken from: recorded traces, and tables of a week.

use std::sync::Arc;

use wharfage_core::{Diagnostic, diagnostic::quoted, text::Text};
use wharfage_sim::{Arrivals, Format, Nanos, Rate, Step, Trace, TraceFault, Wrong};

use super::Opener;
use crate::grammar;

/// A recorded trace.
pub fn trace(open: Opener<'_>, name: &str, format: &Format) -> Result<Arrivals, Diagnostic> {
    let trace = Trace::read(open(name)?, format).map_err(|fault| trace_fault(name, &fault))?;
    Ok(Arrivals::Trace(Arc::new(trace)))
}

/// A file of 168 hourly rates in requests per second, under a header.
pub fn weekly(open: Opener<'_>, name: &str) -> Result<Arrivals, Diagnostic> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(open(name)?);
    let mut steps = Vec::new();
    for record in reader.records() {
        let cell = record.ok().and_then(|r| r.iter().next_back().map(str::to_owned)).unwrap_or_default();
        let rate = grammar::rate(&format!("{cell}/s")).map_err(|f| {
            let message = Text::plain(format!("`{name}`, line {}: {}", steps.len() + 2, f.message));
            Diagnostic::error("simulate/trace", message).on("arrivals", f.label).help(f.help)
        })?;
        let rate = Rate::micro(rate.micro_requests, Nanos::from_secs(1));
        steps.push(Step { lasts: Nanos::from_secs(3_600), rate });
    }
    if steps.len() != 168 || steps.iter().all(|s| s.rate.per_second() == 0.0) {
        let message = format!("`{name}` has {} hours of rates, or none above zero", steps.len());
        let help = "a week is a header and 168 lines, Monday's first hour first, with requests per second last";
        let d = Diagnostic::error("simulate/trace", Text::known(message));
        return Err(d.on("arrivals", "not a week").help(help));
    }
    Ok(Arrivals::Steps(steps))
}

fn trace_fault(name: &str, fault: &TraceFault) -> Diagnostic {
    let TraceFault { line, column, wrong } = fault;
    let at = format!("`{name}`, line {line}");
    let there = |names: &[String]| {
        let shown: Vec<String> = names.iter().take(12).map(|n| quoted(n)).collect();
        format!("it has the columns {}", shown.join(", "))
    };
    let (message, label, help) = match wrong {
        Wrong::NoArrivals(names) => (
            format!("`{name}` does not say when requests arrive"),
            "no arrivals",
            format!("{}; name one arrival_us, _ms or _s, or timestamp", there(names)),
        ),
        Wrong::NoColumn(names) => {
            (format!("`{name}` has no column `{}`", quoted(column)), "a column is missing", there(names))
        }
        Wrong::NotANumber(text) => (
            format!("{at}: `{}` in `{}` is not a number", quoted(text), quoted(column)),
            "not a number",
            "write digits, such as 1500 or 0.5".to_owned(),
        ),
        Wrong::TooLarge(text) => (
            format!("{at}: `{}` in `{}` is beyond 584 years", quoted(text), quoted(column)),
            "too large",
            "check the unit in the column's name".to_owned(),
        ),
        Wrong::Backwards => (
            format!("{at}: the request arrives before the one above it"),
            "goes back in time",
            "sort the file, or write --sort".to_owned(),
        ),
        Wrong::Malformed(what) => {
            (format!("{at}: {}", quoted(what)), "not a row", "each line has as many cells as the first".to_owned())
        }
        Wrong::Empty => {
            (format!("`{name}` holds no request"), "empty", "write a line for each request under the header".to_owned())
        }
    };
    let (message, help) = (Text::known(message), Text::known(help));
    Diagnostic::error("simulate/trace", message).on("arrivals", Text::known(label)).help(help)
}
