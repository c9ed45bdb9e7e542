//! Tables that are no traces: measured lengths of time, and the hours of a week.

use std::sync::Arc;

use super::{
    Input,
    decimal::{Decimal, unit_ns},
    fault::{TraceFault, Wrong},
    input::unpacked,
    layout::Columns,
    lines::Lines,
};
use crate::{
    arrivals::{Arrivals, Rate, Step},
    empirical::Empirical,
    law::Law,
    time::Nanos,
};

/// Hours of a week.
const WEEK: usize = 168;

impl Input {
    fn lines(self) -> Result<Lines, TraceFault> {
        let from = match self {
            Self::Once(from) => unpacked(from),
            Self::Again(file) => file.open(),
        };
        from.map(Lines::new).map_err(|e| fault(1, "", Wrong::Unreadable(e.to_string())))
    }
}

fn fault(line: u64, column: &str, wrong: Wrong) -> TraceFault {
    TraceFault { line, column: column.to_owned(), wrong }
}

fn advance(lines: &mut Lines) -> Result<bool, TraceFault> {
    let there = lines.advance();
    there.map_err(|wrong| fault(lines.number(), "", wrong))
}

impl Law {
    /// Lengths of time from a table with a header: a column of durations, and one of their weights or none.
    ///
    /// Durations are in `duration_us` (`_ns`, `_ms`, `_s`) or in seconds in `duration` or `client_elapsed_time`, or each with its
    /// own unit in `value`, or as the Azure Functions trace of 2019 has them, `Average` milliseconds of `Count` requests; weights
    /// are in `weight` or `count`.
    ///
    /// ```
    /// use wharfage_sim::Law;
    /// let law = Law::empirical("value,weight\n80ms,3\n1.2s,1\n".into()).unwrap();
    /// assert_eq!(law.mean().0, 360_000_000);
    /// ```
    ///
    /// # Errors
    /// Where there is no such column, a cell is no number, or no weight is above zero.
    pub fn empirical(input: Input) -> Result<Self, TraceFault> {
        let mut lines = input.lines()?;
        let columns = Columns::read(&mut lines)?;
        let average = || Some((columns.position("average")?, 1_000_000));
        let units = columns.duration().ok().or_else(|| columns.with_unit("value")).or_else(average);
        let (column, unit) = match (units, columns.position("value")) {
            (Some((column, unit)), _) => (column, Some(unit)),
            (None, Some(column)) => (column, None),
            (None, None) => return Err(columns.missing("duration_us")),
        };
        let weight = columns.position("weight").or_else(|| columns.position("count"));
        let mut all = Vec::new();
        while advance(&mut lines)? {
            let is_number = |n: usize| fault(lines.number(), &columns.0[n], Wrong::NotANumber(lines.text(n)));
            let ns = time(lines.cell(column), unit).ok_or_else(|| is_number(column))?;
            let weight = match weight {
                Some(n) => Decimal::read_bytes(lines.cell(n)).ok_or_else(|| is_number(n))?.as_f64(),
                None => 1.0,
            };
            all.push((ns, weight));
        }
        Empirical::new(&all).map(|law| Self::Empirical(Arc::new(law))).ok_or_else(|| fault(1, "", Wrong::Empty))
    }
}

/// A number of a unit, or a time with its own.
fn time(cell: &[u8], unit: Option<u64>) -> Option<u64> {
    match unit {
        Some(unit) => Decimal::read_bytes(cell)?.times(unit),
        None => {
            let text = std::str::from_utf8(cell).ok()?;
            let (number, unit) = text.split_at(text.find(char::is_alphabetic)?);
            Decimal::read(number)?.times(unit_ns(unit)?)
        }
    }
}

impl Arrivals {
    /// A week of Poisson arrivals over and over, from a table with a line for each of its 168 hours, under a header or none:
    /// the last cell is the hour's rate in requests per second, or where a rate is given a multiple of that.
    ///
    /// # Errors
    /// Where there is another number of hours, a cell is no number, or no hour has a request.
    pub fn weekly(input: Input, of: Option<Rate>) -> Result<Self, TraceFault> {
        let of = of.unwrap_or(Rate::new(1, Nanos::from_secs(1)));
        let mut lines = input.lines()?;
        let mut steps = Vec::new();
        let mut header = true;
        while advance(&mut lines)? {
            let last = lines.width() - 1;
            // Millionths, as everywhere that rates are read.
            let rate = Decimal::read_bytes(lines.cell(last)).map(|d| d.times(1_000_000));
            match rate {
                Some(Some(micro)) => {
                    let rate = of.times_micro(micro);
                    let rate = rate.ok_or_else(|| fault(lines.number(), "", Wrong::TooLarge(lines.text(last))))?;
                    steps.push(Step { lasts: Nanos::from_secs(3_600), rate });
                }
                Some(None) => return Err(fault(lines.number(), "", Wrong::TooLarge(lines.text(last)))),
                None if header => {}
                None => return Err(fault(lines.number(), "", Wrong::NotANumber(lines.text(last)))),
            }
            header = false;
        }
        if steps.len() != WEEK || steps.iter().all(|s| s.rate.per_second() == 0.0) {
            return Err(fault(lines.number(), "", Wrong::NotAWeek(steps.len())));
        }
        Ok(Self::Steps(steps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measured_lengths_are_read_in_each_form() {
        #[rustfmt::skip]
        let cases = [
            ("duration_ms\n1\n3\n",                                   2_000_000, 0.25),
            ("x,duration\n,0.001\n,0.003\n",                          2_000_000, 0.25),
            ("value,weight\n1ms,1\n3000us,1\n",                       2_000_000, 0.25),
            ("value_us,count\n1000,2\n4000,1\n9e9,0\n",               2_000_000, 0.5),
            ("HashFunction,Average,Count,Minimum\nf,1,2,0\ng,4,1,0\n", 2_000_000, 0.5),
            (",client_start_time,client_elapsed_time\n0,5,0.002\n",   2_000_000, 0.0),
        ];
        for (text, mean, scv) in cases {
            let law = Law::empirical(text.into()).unwrap();
            assert_eq!((law.mean().0, law.scv()), (mean, scv), "{text}");
        }
    }

    #[test]
    fn what_is_no_table_of_lengths_is_refused_with_its_place() {
        #[rustfmt::skip]
        let cases = [
            ("when\n1\n",                 1, "duration_us", Wrong::NoColumn(vec!["when".to_owned()])),
            ("value\n80\n",               2, "value",       Wrong::NotANumber("80".to_owned())),
            ("value,weight\n1s,-1\n",     2, "weight",      Wrong::NotANumber("-1".to_owned())),
            ("value,weight\n1s,0\n",      1, "",            Wrong::Empty),
            ("duration_us\n",             1, "",            Wrong::Empty),
        ];
        for (text, line, column, wrong) in cases {
            assert_eq!(Law::empirical(text.into()), Err(fault(line, column, wrong)), "{text}");
        }
    }

    /// A week of which each hour says its number.
    fn week(header: &str) -> String {
        (0..WEEK).fold(header.to_owned(), |text, hour| format!("{text}{hour},{}\n", hour % 24))
    }

    #[test]
    fn a_week_is_as_many_requests_as_its_table_says() {
        // Twelve hours on average, each of rate 0 to 23.
        let per_week = 11.5 * 168.0 * 3_600.0;
        let minute = Nanos::from_secs(60);
        for (header, of, share) in [("hour,rate\n", None, 1.0), ("", None, 1.0), ("", Some(Rate::new(6, minute)), 0.1)]
        {
            let model = Arrivals::weekly(week(header).as_str().into(), of).unwrap();
            let mean = model.mean_per_second().unwrap();
            assert!((mean * 168.0 * 3_600.0 - per_week * share).abs() < 1e-3, "{mean}");
            let (mut source, mut n, end) = (model.source(3, 0), 0_u64, 168 * 3_600_000_000_000);
            while source.next_at() < end {
                n += 1;
            }
            let want = per_week * share;
            assert!((n as f64 - want).abs() < 5.0 * want.sqrt(), "{n} is not {want}");
        }
    }

    #[test]
    fn what_is_no_week_is_refused() {
        let read = |text: &str| Arrivals::weekly(text.into(), None).unwrap_err();
        assert_eq!(read("hour,rate\n0,1\n").wrong, Wrong::NotAWeek(1));
        assert_eq!(read(&"0\n".repeat(WEEK)).wrong, Wrong::NotAWeek(WEEK));
        assert_eq!(read("rate\n1\nmany\n"), fault(3, "", Wrong::NotANumber("many".to_owned())));
        assert_eq!(read("rate\n1\n-1\n"), fault(3, "", Wrong::NotANumber("-1".to_owned())));
        assert_eq!(read("rate\n1e400\n"), fault(2, "", Wrong::TooLarge("1e400".to_owned())));
        assert_eq!(read("").wrong, Wrong::NotAWeek(0));
    }
}
