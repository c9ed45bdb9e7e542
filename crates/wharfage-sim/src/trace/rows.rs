//! The requests of a table, one row at a time: nothing of the rows before is kept.

use std::io::BufRead;

use super::{
    Durations, Format,
    date::date_and_time,
    decimal::Decimal,
    fault::{TraceFault, Wrong},
    layout::{Clock, Columns, Form},
    lines::Lines,
};

/// A request as it is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// when it arrives, in nanoseconds; before a trace's own beginning where it ends soon after that
    pub at: i128,
    /// how long it takes; 0 where that is not read
    pub service: u64,
    /// how long it takes where it starts an instance; 0 where that is not read
    pub cold: u64,
}

/// The rows of a table.
pub struct Rows {
    lines: Lines,
    columns: Columns,
    form: Form,
    service: Option<(usize, u64)>,
    cold: Option<(usize, u64)>,
    /// columns of the expression
    inputs: Vec<usize>,
    values: Vec<Decimal>,
    function: Option<usize>,
    before: Option<i128>,
}

impl Rows {
    /// Reads the header.
    pub fn new(from: Box<dyn BufRead>, format: &Format) -> Result<Self, TraceFault> {
        let mut lines = Lines::new(from);
        let columns = Columns::read(&mut lines)?;
        let form = columns.form()?;
        let service = match &format.durations {
            Durations::Recorded => Some(columns.duration()?),
            Durations::None | Durations::Expression(_) => None,
        };
        let cold = || columns.with_unit("cold_duration").ok_or_else(|| columns.missing("cold_duration_us"));
        let cold = if format.colds { Some(cold()?) } else { None };
        let inputs = match &format.durations {
            Durations::Expression(e) => e.columns().map(|name| columns.required(name)).collect::<Result<_, _>>()?,
            Durations::None | Durations::Recorded => Vec::new(),
        };
        let function = if format.function.is_some() { Some(columns.function()?) } else { None };
        Ok(Self { lines, columns, form, service, cold, inputs, values: Vec::new(), function, before: None })
    }

    /// What rows say.
    pub fn form(&self) -> Form {
        self.form
    }

    /// The next request, in the order of the table; none behind the last.
    pub fn next(&mut self, format: &Format) -> Result<Option<Row>, TraceFault> {
        let Form::Requests(clock) = self.form else { return Ok(None) };
        if !self.advance(format)? {
            return Ok(None);
        }
        let at = self.arrival(clock)?;
        if !format.sort
            && let Some(before) = self.before.filter(|before| at < *before)
        {
            return Err(self.fault(clock.column(), |_| Wrong::Backwards { at, before }));
        }
        self.before = Some(at);
        let service = match (&format.durations, self.service) {
            (Durations::Expression(e), _) => {
                self.values.clear();
                for n in 0..self.inputs.len() {
                    let value = self.number(self.inputs[n])?;
                    self.values.push(value);
                }
                let first = self.inputs.first().copied().unwrap_or(0);
                e.value(&self.values).ok_or_else(|| self.fault(first, Wrong::TooLarge))?
            }
            (_, Some((column, unit))) => self.time(column, unit)?,
            _ => 0,
        };
        let cold = self.cold.map_or(Ok(0), |(column, unit)| self.time(column, unit))?;
        Ok(Some(Row { at, service, cold }))
    }

    /// Adds the next row's counts to those of the minutes; false behind the last.
    pub fn add_counts(&mut self, format: &Format, minutes: &mut [u64]) -> Result<bool, TraceFault> {
        let Form::Minutes(first, _) = self.form else { return Ok(false) };
        if !self.advance(format)? {
            return Ok(false);
        }
        for (n, minute) in minutes.iter_mut().enumerate() {
            let count = self.time(first + n, 1)?;
            *minute = minute.checked_add(count).ok_or_else(|| self.fault(first + n, Wrong::TooLarge))?;
        }
        Ok(true)
    }

    /// Goes on to the next line of the function that is asked for.
    fn advance(&mut self, format: &Format) -> Result<bool, TraceFault> {
        loop {
            let nowhere = |lines: &Lines, wrong| TraceFault { line: lines.number(), column: String::new(), wrong };
            let there = self.lines.advance().map_err(|wrong| nowhere(&self.lines, wrong))?;
            if !there {
                return Ok(false);
            }
            let (cells, named) = (self.lines.width(), self.columns.0.len());
            if cells != named {
                return Err(nowhere(&self.lines, Wrong::Cells { there: cells, wanted: named }));
            }
            match (self.function, &format.function) {
                (Some(column), Some(name)) if self.lines.cell(column) != name.as_bytes() => {}
                _ => return Ok(true),
            }
        }
    }

    fn fault(&self, column: usize, wrong: impl FnOnce(String) -> Wrong) -> TraceFault {
        let name = self.columns.0.get(column).cloned().unwrap_or_default();
        TraceFault { line: self.lines.number(), column: name, wrong: wrong(self.lines.text(column)) }
    }

    fn number(&self, column: usize) -> Result<Decimal, TraceFault> {
        Decimal::read_bytes(self.lines.cell(column)).ok_or_else(|| self.fault(column, Wrong::NotANumber))
    }

    fn time(&self, column: usize, unit: u64) -> Result<u64, TraceFault> {
        self.number(column)?.times(unit).ok_or_else(|| self.fault(column, Wrong::TooLarge))
    }

    fn arrival(&self, clock: Clock) -> Result<i128, TraceFault> {
        const SECOND: u64 = 1_000_000_000;
        match clock {
            Clock::Since(column, unit) | Clock::At(column, unit) => self.time(column, unit).map(i128::from),
            Clock::Date(column) => {
                let text = std::str::from_utf8(self.lines.cell(column)).unwrap_or_default();
                let ns = date_and_time(text).ok_or_else(|| self.fault(column, Wrong::NotANumber))?;
                Ok(i128::from(ns))
            }
            Clock::End { end, took } => Ok(i128::from(self.time(end, SECOND)?) - i128::from(self.time(took, SECOND)?)),
        }
    }
}
