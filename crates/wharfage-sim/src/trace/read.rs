//! Reads recorded requests from CSV, row by row.
//!
//! Columns are known by name: `arrival_us` (or `_ns`, `_ms`, `_s`), or a date and time in `timestamp`, or `end_timestamp` and
//! `duration` in seconds; `duration_us` and `cold_duration_us` where service times are as recorded. Others serve
//! [`Expression`]s.

use std::io::Read;

use csv::{ReaderBuilder, StringRecord};

use super::{
    Trace,
    decimal::{Decimal, unit_ns},
    expression::Expression,
};

/// Where service times come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Durations {
    /// not from the trace
    None,
    /// as recorded
    Recorded,
    /// worked out from columns
    Expression(Expression),
}

/// How a trace is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// where service times come from
    pub durations: Durations,
    /// are whole times of requests that start an instance recorded too
    pub colds: bool,
    /// put rows in the order of arrival
    pub sort: bool,
}

/// What is wrong with a trace, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceFault {
    /// line, from 1
    pub line: u64,
    /// the column's name, if one is at fault
    pub column: String,
    /// what is wrong
    pub wrong: Wrong,
}

/// What is wrong with a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// no column says when requests arrive; these are there
    NoArrivals(Vec<String>),
    /// a column is not there; these are
    NoColumn(Vec<String>),
    /// this is not a number, or not a date and time
    NotANumber(String),
    /// this is beyond 584 years
    TooLarge(String),
    /// the row arrives before the one that stands before it
    Backwards,
    /// not a row of this table
    Malformed(String),
    /// there is no row
    Empty,
}

/// Columns of arrivals, and how to read them.
enum Clock {
    Unit(usize, u64),
    Timestamp(usize),
    EndAndDuration(usize, usize),
}

struct Columns {
    names: Vec<String>,
}

impl Columns {
    fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n.eq_ignore_ascii_case(name))
    }

    /// A column with one of the units at its end, and the unit.
    fn with_unit(&self, name: &str) -> Option<(usize, u64)> {
        ["ns", "us", "ms", "s"]
            .iter()
            .find_map(|unit| Some((self.position(&format!("{name}_{unit}"))?, unit_ns(unit)?)))
    }

    fn required(&self, name: &str) -> Result<usize, TraceFault> {
        self.position(name).ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &str) -> TraceFault {
        TraceFault { line: 1, column: name.to_owned(), wrong: Wrong::NoColumn(self.names.clone()) }
    }

    fn clock(&self) -> Result<Clock, TraceFault> {
        if let Some((column, unit)) = self.with_unit("arrival") {
            return Ok(Clock::Unit(column, unit));
        }
        if let Some(column) = self.position("timestamp") {
            return Ok(Clock::Timestamp(column));
        }
        match (self.position("end_timestamp"), self.position("duration")) {
            (Some(end), Some(duration)) => Ok(Clock::EndAndDuration(end, duration)),
            _ => Err(TraceFault { line: 1, column: String::new(), wrong: Wrong::NoArrivals(self.names.clone()) }),
        }
    }

    fn duration(&self) -> Result<(usize, u64), TraceFault> {
        let seconds = || Some((self.position("duration")?, 1_000_000_000));
        self.with_unit("duration").or_else(seconds).ok_or_else(|| self.missing("duration_us"))
    }
}

/// One row of a table.
struct Row<'r> {
    record: &'r StringRecord,
    columns: &'r Columns,
}

impl Row<'_> {
    fn fault(&self, column: usize, wrong: impl FnOnce(String) -> Wrong) -> TraceFault {
        let text = self.record.get(column).unwrap_or_default().to_owned();
        let line = self.record.position().map_or(0, csv::Position::line);
        TraceFault { line, column: self.columns.names[column].clone(), wrong: wrong(text) }
    }

    fn number(&self, column: usize) -> Result<Decimal, TraceFault> {
        let number = Decimal::read(self.record.get(column).unwrap_or_default());
        number.ok_or_else(|| self.fault(column, Wrong::NotANumber))
    }

    fn time(&self, column: usize, unit: u64) -> Result<u64, TraceFault> {
        Decimal::product(unit, [self.number(column)?]).ok_or_else(|| self.fault(column, Wrong::TooLarge))
    }

    fn arrival(&self, clock: &Clock) -> Result<u64, TraceFault> {
        match *clock {
            Clock::Unit(column, unit) => self.time(column, unit),
            Clock::Timestamp(column) => {
                let ns = date_and_time(self.record.get(column).unwrap_or_default());
                ns.ok_or_else(|| self.fault(column, Wrong::NotANumber))
            }
            Clock::EndAndDuration(end, duration) => {
                let (ended, took) = (self.time(end, 1_000_000_000)?, self.time(duration, 1_000_000_000)?);
                Ok(ended.saturating_sub(took))
            }
        }
    }
}

impl Trace {
    /// Reads a trace from CSV with a header.
    ///
    /// Arrivals that are dates or ends are counted from the first of them; the others are times since the start.
    ///
    /// ```
    /// use wharfage_sim::{Durations, Format, Trace};
    /// let format = Format { durations: Durations::Recorded, colds: false, sort: false };
    /// let trace = Trace::read("arrival_ms,duration_ms\n0,80\n12.5,40\n".as_bytes(), &format).unwrap();
    /// assert_eq!(trace.len(), 2);
    /// ```
    ///
    /// # Errors
    /// Where a column is missing, a cell is no number, or a row arrives before the one before it.
    pub fn read(from: impl Read, format: &Format) -> Result<Self, TraceFault> {
        let mut reader = ReaderBuilder::new().trim(csv::Trim::All).from_reader(from);
        let headers = reader.headers().map_err(|e| malformed(&e))?;
        let columns = Columns { names: headers.iter().map(|h| h.trim_start_matches('\u{feff}').to_owned()).collect() };
        let clock = columns.clock()?;
        let durations = match &format.durations {
            Durations::None => None,
            Durations::Recorded => Some(columns.duration()?),
            Durations::Expression(_) => None,
        };
        let cold = || columns.with_unit("cold_duration").ok_or_else(|| columns.missing("cold_duration_us"));
        let colds = if format.colds { Some(cold()?) } else { None };
        let inputs = match &format.durations {
            Durations::Expression(e) => e.columns().map(|name| columns.required(name)).collect::<Result<_, _>>()?,
            _ => Vec::new(),
        };
        let mut rows: Vec<(u64, u64, u64)> = Vec::new();
        let mut record = StringRecord::new();
        while reader.read_record(&mut record).map_err(|e| malformed(&e))? {
            let row = Row { record: &record, columns: &columns };
            let at = row.arrival(&clock)?;
            if !format.sort && rows.last().is_some_and(|(before, _, _)| at < *before) {
                let (Clock::Unit(column, _) | Clock::Timestamp(column) | Clock::EndAndDuration(column, _)) = clock;
                return Err(row.fault(column, |_| Wrong::Backwards));
            }
            let service = match (&format.durations, durations) {
                (Durations::Expression(e), _) => {
                    let values = inputs.iter().map(|c| row.number(*c)).collect::<Result<Vec<_>, _>>()?;
                    let first = inputs.first().copied().unwrap_or(0);
                    e.value(&values).ok_or_else(|| row.fault(first, Wrong::TooLarge))?
                }
                (_, Some((column, unit))) => row.time(column, unit)?,
                _ => 0,
            };
            rows.push((at, service, colds.map_or(Ok(0), |(column, unit)| row.time(column, unit))?));
        }
        if rows.is_empty() {
            return Err(TraceFault { line: 1, column: String::new(), wrong: Wrong::Empty });
        }
        if format.sort {
            rows.sort_by_key(|(at, _, _)| *at);
        }
        let first = if matches!(clock, Clock::Unit(..)) { 0 } else { rows[0].0 };
        let services =
            if format.durations == Durations::None { Vec::new() } else { rows.iter().map(|r| r.1).collect() };
        let colds = if format.colds { rows.iter().map(|r| r.2).collect() } else { Vec::new() };
        let arrivals = rows.iter().map(|r| r.0 - first).collect();
        Ok(Self::new(arrivals, services, colds).expect("rows are in order and complete"))
    }
}

fn malformed(e: &csv::Error) -> TraceFault {
    let line = e.position().map_or(1, csv::Position::line);
    let what = match e.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} cells where the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "not UTF-8".to_owned(),
        _ => e.to_string(),
    };
    TraceFault { line, column: String::new(), wrong: Wrong::Malformed(what) }
}

/// `2023-11-16 18:15:46.6805900`, with a `T` or a zone `Z` too, as nanoseconds since 1970.
fn date_and_time(text: &str) -> Option<u64> {
    let text = text.trim().trim_end_matches('Z');
    let (date, time) = text.split_once([' ', 'T'])?;
    let mut parts = date.split('-').map(|p| p.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let mut clock = time.split(':');
    let (hour, minute) = (clock.next()?.parse::<u64>().ok()?, clock.next()?.parse::<u64>().ok()?);
    let second = Decimal::product(1_000_000_000, [Decimal::read(clock.next()?)?])?;
    if !(1970..2500).contains(&year)
        || !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
        || hour > 23
        || minute > 59
    {
        return None;
    }
    let days = u64::try_from(days_since_1970(year, month, day)).ok()?;
    Some((days * 86_400 + hour * 3_600 + minute * 60) * 1_000_000_000 + second)
}

/// Days of the Gregorian calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March have their leap day last.
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, durations: Durations) -> Result<Trace, TraceFault> {
        Trace::read(text.as_bytes(), &Format { durations, colds: false, sort: false })
    }

    #[test]
    fn arrivals_are_read_in_each_unit_and_from_dates_and_ends() {
        let want = Trace::new(vec![0, 1_500_000_000], Vec::new(), Vec::new()).unwrap();
        for text in [
            "arrival_us\n0\n1500000\n",
            "other,arrival_ms\nx,0\ny,1500\n",
            "\u{feff}arrival_s\r\n0.0\r\n1.5\r\n",
            "TIMESTAMP,ContextTokens\n2023-11-16 18:15:46.6805900,1\n2023-11-16 18:15:48.1805900,2\n",
            "timestamp\n2024-02-29T23:59:59Z\n2024-03-01T00:00:00.5Z\n",
            "app,func,end_timestamp,duration\na,f,100.5,0.5\na,f,103,1.5\n",
        ] {
            assert_eq!(read(text, Durations::None).as_ref(), Ok(&want), "{text}");
        }
    }

    #[test]
    fn durations_are_recorded_or_worked_out() {
        let recorded = read("arrival_us,duration_ms\n0,80\n5,2.5\n", Durations::Recorded).unwrap();
        assert_eq!((recorded.service(0), recorded.service(1)), (80_000_000, 2_500_000));
        let e = Expression::read("20ms+30us*n").unwrap();
        let worked_out = read("arrival_us,n\n0,100\n", Durations::Expression(e)).unwrap();
        assert_eq!(worked_out.service(0), 23_000_000);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_column() {
        let fault = |text: &str| {
            let f = read(text, Durations::Recorded).unwrap_err();
            (f.line, f.column, f.wrong)
        };
        let names = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect();
        assert_eq!(fault("when\n1\n"), (1, String::new(), Wrong::NoArrivals(names(&["when"]))));
        assert_eq!(fault("arrival_us\n1\n"), (1, "duration_us".into(), Wrong::NoColumn(names(&["arrival_us"]))));
        assert_eq!(
            fault("arrival_us,duration_us\n0,1\nx,1\n"),
            (3, "arrival_us".into(), Wrong::NotANumber("x".into()))
        );
        assert_eq!(fault("arrival_us,duration_us\n5,1\n4,1\n"), (3, "arrival_us".into(), Wrong::Backwards));
        assert_eq!(fault("arrival_us,duration_us\n").2, Wrong::Empty);
        assert_eq!(fault("arrival_us,duration_us\n1\n").2, Wrong::Malformed("1 cells where the header has 2".into()));
    }

    #[test]
    fn rows_out_of_order_are_sorted_where_that_is_asked_for() {
        let format = Format { durations: Durations::Recorded, colds: false, sort: true };
        let trace = Trace::read("arrival_us,duration_us\n5,1\n4,2\n".as_bytes(), &format).unwrap();
        assert_eq!((trace.arrival(0), trace.service(0)), (4_000, 2_000));
    }
}
