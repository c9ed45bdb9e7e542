//! Reads a trace before it is run: every row is checked, and few are kept.

use std::{cmp::Ordering, io::BufRead};

use super::{
    Durations, Format, Input, KEPT, Kept, Moments, Stored, Trace,
    fault::{TraceFault, Wrong},
    input::{Again, unpacked},
    layout::{Clock, Form},
    rows::{Row, Rows},
};

impl Trace {
    /// Reads a trace from CSV with a header, in one of the forms that `trace` documents, packed with gzip or not.
    ///
    /// Arrivals that are dates or ends are counted from the first of them; the others are times since the start.
    ///
    /// ```
    /// use wharfage_sim::{Durations, Format, Trace};
    /// let format = Format { durations: Durations::Recorded, ..Format::default() };
    /// let trace = Trace::read("arrival_ms,duration_ms\n0,80\n12.5,40\n".into(), &format).unwrap();
    /// assert_eq!((trace.len(), trace.last()), (2, 12_500_000));
    /// ```
    ///
    /// # Errors
    /// Where a column is missing, a cell is no number, or a row arrives before the one before it.
    pub fn read(input: Input, format: &Format) -> Result<Self, TraceFault> {
        let unreadable = |e: std::io::Error| fault(1, Wrong::Unreadable(e.to_string()));
        match input {
            Input::Once(from) => read(unpacked(from).map_err(unreadable)?, None, format),
            Input::Again(file) => read(file.open().map_err(unreadable)?, Some(file), format),
        }
    }
}

fn fault(line: u64, wrong: Wrong) -> TraceFault {
    TraceFault { line, column: String::new(), wrong }
}

fn read(from: Box<dyn BufRead>, again: Option<Again>, format: &Format) -> Result<Trace, TraceFault> {
    let mut rows = Rows::new(from, format)?;
    match rows.form() {
        Form::Minutes(_, count) => counted(rows, count, format),
        Form::Requests(clock) => {
            // What is sorted is kept, since its order is.
            let again = again.filter(|_| !format.sort);
            let mut pass = Pass::default();
            while let Some(row) = rows.next(format)? {
                pass.add(row, again.is_some());
            }
            if pass.requests == 0 {
                return Err(fault(1, Wrong::Empty));
            }
            pass.trace(clock, again, format)
        }
    }
}

/// Requests per minute, those of all rows together.
fn counted(mut rows: Rows, count: usize, format: &Format) -> Result<Trace, TraceFault> {
    let mut minutes = vec![0; count];
    while rows.add_counts(format, &mut minutes)? {}
    let requests = minutes.iter().try_fold(0_u64, |sum, n| sum.checked_add(*n));
    match requests {
        None => Err(fault(1, Wrong::TooLarge("the sum of all counts".to_owned()))),
        Some(0) => Err(fault(1, Wrong::Empty)),
        Some(requests) => {
            let last = count as u64 * 60_000_000_000;
            Ok(Trace { rows: Stored::Counts(minutes), requests, last, services: Moments::default() })
        }
    }
}

/// What is known of the rows that were read so far.
#[derive(Default)]
struct Pass {
    kept: Vec<Row>,
    requests: u64,
    first: i128,
    last: i128,
    services: Moments,
}

impl Pass {
    fn add(&mut self, row: Row, again: bool) {
        if self.requests == 0 {
            (self.first, self.last) = (row.at, row.at);
        }
        (self.first, self.last) = (self.first.min(row.at), self.last.max(row.at));
        self.requests += 1;
        self.services.add(row.service);
        match self.requests.cmp(&(KEPT as u64 + 1)) {
            Ordering::Less => self.kept.push(row),
            _ if !again => self.kept.push(row),
            Ordering::Equal => self.kept = Vec::new(),
            Ordering::Greater => {}
        }
    }

    fn trace(mut self, clock: Clock, again: Option<Again>, format: &Format) -> Result<Trace, TraceFault> {
        let first = if matches!(clock, Clock::Since(..)) { 0 } else { self.first };
        let since = |at: i128| u64::try_from(at - first).unwrap_or(u64::MAX);
        let last = since(self.last);
        let rows = match again.filter(|_| self.requests > KEPT as u64) {
            Some(file) => Stored::Filed { file, format: format.clone(), first },
            None => {
                if format.sort {
                    self.kept.sort_by_key(|row| row.at);
                }
                let column = |read: bool, get: fn(&Row) -> u64| {
                    if read { self.kept.iter().map(get).collect() } else { Vec::new() }
                };
                Stored::Kept(Kept {
                    arrivals: self.kept.iter().map(|row| since(row.at)).collect(),
                    services: column(format.durations != Durations::None, |row| row.service),
                    colds: column(format.colds, |row| row.cold),
                })
            }
        };
        Ok(Trace { rows, requests: self.requests, last, services: self.services })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Expression;

    fn recorded() -> Format {
        Format { durations: Durations::Recorded, ..Format::default() }
    }

    /// Arrivals and services of a small trace.
    fn rows(text: &str, format: &Format) -> (Vec<u64>, Vec<u64>) {
        let trace = Trace::read(text.into(), format).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        let Stored::Kept(kept) = trace.rows else { panic!("{text} is not kept") };
        (kept.arrivals, kept.services)
    }

    #[test]
    fn each_form_is_known_by_its_header() {
        const S: u64 = 1_000_000_000;
        #[rustfmt::skip]
        let cases = [
            ("arrival_us,duration_us\n0,2000000\n1500000,500000\n", "ours"),
            ("\u{feff}other,\"arrival_ms\",duration_s\r\nx,0,2\r\n\r\n\"y, z\",1500,0.5\r\n", "ours, as a spreadsheet writes it"),
            ("arrival_ns,duration_ns\n0,2e9\n1.5e9,5e8", "numbers with exponents, and no end of the last line"),
            ("timestamp,duration_us\n2024-02-29T23:59:59Z,2000000\n2024-03-01T00:00:00.5Z,500000\n", "dates"),
            ("timestamp,duration\n1709251199,2\n1709251200.5,0.5\n", "seconds since 1970"),
            ("timestamp_ms,duration_ms\n1709251199000,2000\n1709251200500,500\n", "milliseconds since 1970"),
            ("app,func,end_timestamp,duration\na,f,102,2\na,f,102.000,0.5\n", "Azure Functions 2021"),
            ("app,func,end_timestamp,duration\na,f,1.5,2\na,f,1.5,0.5\n", "the same, begun before its clock"),
            (",is_cold,cpu_info,client_start_time,client_end_time,client_elapsed_time\n\
              0,False,\"2,Intel\",1590530039.5,1590530041.5,2.0\n1,True,\"2,Intel\",1590530041.0,1590530041.5,0.5\n", "AWS Lambda logs"),
        ];
        for (text, which) in cases {
            assert_eq!(rows(text, &recorded()), (vec![0, 3 * S / 2], vec![2 * S, S / 2]), "{which}");
        }
    }

    #[test]
    fn columns_serve_expressions_whatever_their_capitals() {
        let durations =
            Durations::Expression(Expression::read("20ms+30us*context_tokens+20ms*generated_tokens").unwrap());
        let text = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04.0319600,3180,8\n";
        let format = Format { durations, ..Format::default() };
        assert_eq!(rows(text, &format), (vec![0, 52_000_000], vec![364_240_000, 275_400_000]));
    }

    #[test]
    fn counts_of_minutes_are_added_over_functions_or_taken_of_one() {
        let text = "HashOwner,HashApp,HashFunction,Trigger,1,2,3\no,a,f,http,0,2,1\no,a,g,timer,1,0,0\n";
        let all = Trace::read(text.into(), &Format::default()).unwrap();
        assert_eq!((all.rows, all.requests, all.last), (Stored::Counts(vec![1, 2, 1]), 4, 180_000_000_000));
        let format = Format { function: Some("f".to_owned()), ..Format::default() };
        assert_eq!(Trace::read(text.into(), &format).unwrap().rows, Stored::Counts(vec![0, 2, 1]));
        let none = Format { function: Some("h".to_owned()), ..Format::default() };
        assert_eq!(Trace::read(text.into(), &none).unwrap_err().wrong, Wrong::Empty);
    }

    #[test]
    fn requests_of_one_function_are_those_of_its_rows() {
        let format = Format { function: Some("g".to_owned()), ..recorded() };
        let text = "app,func,end_timestamp,duration\na,f,1,1\na,g,9,1\na,g,12,2\n";
        assert_eq!(rows(text, &format).0, [0, 2_000_000_000]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_column() {
        let names = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let (a, d) = ("arrival_us", "duration_us");
        #[rustfmt::skip]
        let cases = [
            ("when\n1\n",                                       1, "", Wrong::NoArrivals(names(&["when"]))),
            ("timestamp,RPS\n1,7\n",                            1, "RPS", Wrong::Rates),
            ("arrival_us\n1\n",                                 1, d,  Wrong::NoColumn(names(&[a]))),
            ("arrival_us,duration_us\n0,1\n\n\nx,1\n",          5, a,  Wrong::NotANumber("x".into())),
            ("arrival_us,duration_us\n0,1\r\n\r\n1,-1\r\n",     4, d,  Wrong::NotANumber("-1".into())),
            ("arrival_us,duration_us\n0,1e400\n",               2, d,  Wrong::TooLarge("1e400".into())),
            ("arrival_us,duration_us\n0,inf\n",                 2, d,  Wrong::NotANumber("inf".into())),
            ("arrival_us,duration_us\n0,\n",                    2, d,  Wrong::NotANumber(String::new())),
            ("arrival_us,duration_us\n5,1\n4,1\n",              3, a,  Wrong::Backwards { at: 4_000, before: 5_000 }),
            ("arrival_us,duration_us\n",                        1, "", Wrong::Empty),
            ("arrival_us,duration_us\n\n \n",                   1, "", Wrong::Empty),
            ("",                                                1, "", Wrong::Empty),
            ("arrival_us,duration_us\n1\n",                     2, "", Wrong::Cells { there: 1, wanted: 2 }),
            ("arrival_us,duration_us\n1,\"1\n",                 2, "", Wrong::Quotes),
            ("\u{0}\u{1}\u{2}\n",                               1, "", Wrong::NotText),
        ];
        for (text, line, column, wrong) in cases {
            let want = TraceFault { line, column: column.to_owned(), wrong };
            assert_eq!(Trace::read(text.into(), &recorded()).unwrap_err(), want, "{text:?}");
        }
    }

    #[test]
    fn rows_out_of_order_are_sorted_where_that_is_asked_for() {
        let format = Format { sort: true, ..recorded() };
        let text = "app,func,end_timestamp,duration\na,f,9,1\na,f,9,3\n";
        assert_eq!(rows(text, &format), (vec![0, 2_000_000_000], vec![3_000_000_000, 1_000_000_000]));
        assert!(matches!(Trace::read(text.into(), &recorded()).unwrap_err().wrong, Wrong::Backwards { .. }));
    }

    #[test]
    fn the_mean_and_variation_of_durations_are_known() {
        let trace = Trace::read("arrival_us,duration_us\n0,1\n0,3\n".into(), &recorded()).unwrap();
        assert_eq!(trace.services(), Some((2_000.0, 0.25)));
    }
}
