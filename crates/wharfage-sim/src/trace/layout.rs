//! The forms of traces, each known by its header.
//!
//! | form | columns |
//! | --- | --- |
//! | ours | `arrival_us` (`_ns`, `_ms`, `_s`), or dates or seconds since 1970 in `timestamp`; `duration_us`, `cold_duration_us` |
//! | Azure LLM inference 2023 and 2024 | `TIMESTAMP`, `ContextTokens`, `GeneratedTokens` |
//! | Azure Functions 2021 | `app`, `func`, `end_timestamp`, `duration`, in seconds; a request arrives its duration before its end |
//! | AWS Lambda logs of PACS Lab | `client_start_time`, `client_elapsed_time`, in seconds |
//! | Azure Functions 2019 | `HashFunction`, and how many requests came in each minute, `1` to `1440` |
//!
//! # Sources
//! The schemas that the Azure public dataset describes, and the result files of "serverless-performance-modeling" (PACS Lab).

use super::{
    decimal::unit_ns,
    fault::{TraceFault, Wrong},
    lines::Lines,
};

/// The names of a table's columns.
pub struct Columns(pub Vec<String>);

/// Where arrivals are, and how they are written.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// times since the start of the trace, in so many nanoseconds
    Since(usize, u64),
    /// times since a day long ago, in so many nanoseconds
    At(usize, u64),
    /// dates, or seconds since 1970
    Date(usize),
    /// ends and durations in seconds
    End {
        /// ends
        end: usize,
        /// durations
        took: usize,
    },
}

impl Clock {
    /// The column that a mistake in an arrival is in.
    pub fn column(self) -> usize {
        match self {
            Self::Since(column, _) | Self::At(column, _) | Self::Date(column) | Self::End { end: column, .. } => column,
        }
    }
}

/// What rows say.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// one request each
    Requests(Clock),
    /// how many requests came in each minute: the first of the columns, and how many there are
    Minutes(usize, usize),
}

const SECOND: u64 = 1_000_000_000;

/// Columns of what monitoring exports: rates over time, of which no row is a request.
const RATES: [&str; 6] = ["requests_per_second", "requests_per_minute", "request_rate", "rate", "rps", "qps"];

impl Columns {
    /// Reads a header.
    pub fn read(lines: &mut Lines) -> Result<Self, TraceFault> {
        let fault = |line, wrong| TraceFault { line, column: String::new(), wrong };
        let there = lines.advance().map_err(|wrong| fault(lines.number(), wrong))?;
        if !there {
            return Err(fault(1, Wrong::Empty));
        }
        let is_text = |n| std::str::from_utf8(lines.cell(n)).is_ok_and(|t| !t.contains(char::is_control));
        if !(0..lines.width()).all(is_text) {
            return Err(fault(lines.number(), Wrong::NotText));
        }
        Ok(Self((0..lines.width()).map(|n| lines.text(n)).collect()))
    }

    /// Where a column is; capitals and underscores make no difference.
    pub fn position(&self, name: &str) -> Option<usize> {
        let plain = |name: &str| name.replace('_', "").to_lowercase();
        self.0.iter().position(|n| plain(n) == plain(name))
    }

    /// A column with one of the units at its end, and the unit.
    pub fn with_unit(&self, name: &str) -> Option<(usize, u64)> {
        ["ns", "us", "ms", "s"]
            .iter()
            .find_map(|unit| Some((self.position(&format!("{name}_{unit}"))?, unit_ns(unit)?)))
    }

    /// A column that must be there.
    pub fn required(&self, name: &str) -> Result<usize, TraceFault> {
        self.position(name).ok_or_else(|| self.missing(name))
    }

    /// A column is not there.
    pub fn missing(&self, name: &str) -> TraceFault {
        TraceFault { line: 1, column: name.to_owned(), wrong: Wrong::NoColumn(self.0.clone()) }
    }

    /// Which of the forms a trace has.
    pub fn form(&self) -> Result<Form, TraceFault> {
        let arrivals = self.with_unit("arrival").map(|(n, unit)| Clock::Since(n, unit));
        let ended = || Some(Clock::End { end: self.position("end_timestamp")?, took: self.position("duration")? });
        let started = || self.position("client_start_time").map(|n| Clock::At(n, SECOND));
        let date = || self.position("timestamp").map(Clock::Date);
        let since_1970 = || self.with_unit("timestamp").map(|(n, unit)| Clock::At(n, unit));
        if let ([_, _], Some(rate)) = (&self.0[..], RATES.iter().find_map(|name| self.position(name))) {
            return Err(TraceFault { line: 1, column: self.0[rate].clone(), wrong: Wrong::Rates });
        }
        let clock = arrivals.or_else(ended).or_else(started).or_else(date).or_else(since_1970);
        let form = clock.map(Form::Requests).or_else(|| self.minutes());
        form.ok_or_else(|| TraceFault { line: 1, column: String::new(), wrong: Wrong::NoArrivals(self.0.clone()) })
    }

    /// Columns `1`, `2` and so on to the last, with a function before them.
    fn minutes(&self) -> Option<Form> {
        self.position("HashFunction")?;
        let first = self.0.iter().position(|n| n == "1")?;
        let count = self.0.len() - first;
        let in_order = (0..count).all(|n| self.0[first + n] == (n + 1).to_string());
        in_order.then_some(Form::Minutes(first, count))
    }

    /// The column of recorded durations, and its unit.
    pub fn duration(&self) -> Result<(usize, u64), TraceFault> {
        let seconds = |name| Some((self.position(name)?, SECOND));
        let found =
            self.with_unit("duration").or_else(|| seconds("duration")).or_else(|| seconds("client_elapsed_time"));
        found.ok_or_else(|| self.missing("duration_us"))
    }

    /// The column of the function that a request is for.
    pub fn function(&self) -> Result<usize, TraceFault> {
        self.position("func").map_or_else(|| self.required("HashFunction"), Ok)
    }
}
