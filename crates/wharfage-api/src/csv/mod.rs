//! Answers as CSV, for spreadsheets and finance systems: RFC 4180 (`,`, `"`, CRLF), UTF-8, a head, and a row per fact.
//!
//! Columns have the names that JSON has, and numbers are JSON's own texts: a `.` before decimals, no separators between
//! thousands, no currency signs. English, whatever the language.
//!
//! # Invariants
//! No text starts a formula: a text that begins with `=`, `+`, `-`, `@` or a control character has a `'` before it.
//! Numbers are never touched, so a credit stays negative.

mod break_even;
mod estimate;
mod prices;
mod simulate;
mod tools;

use std::borrow::Cow;

pub use self::{
    break_even::break_even,
    estimate::estimates,
    prices::{check, coverage, diff, list, regions, settings, show},
    simulate::{figures, runs, series},
    tools::{comparison, recommendation},
};

/// The byte order mark by which Excel knows UTF-8.
pub const BYTE_ORDER_MARK: char = '\u{feff}';

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell<'r> {
    /// any text, some of it the user's own
    Text(Cow<'r, str>),
    /// a decimal, a count or a day of the response
    Number(Cow<'r, str>),
}

impl<'r> Cell<'r> {
    pub(crate) const EMPTY: Self = Self::Number(Cow::Borrowed(""));

    pub(crate) fn text(text: impl Into<Cow<'r, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn number(text: impl Into<Cow<'r, str>>) -> Self {
        Self::Number(text.into())
    }

    /// A number, or nothing.
    pub(crate) fn maybe(text: Option<&'r String>) -> Self {
        text.map_or(Self::EMPTY, |t| Self::number(t.as_str()))
    }

    fn written(&self) -> Cow<'_, str> {
        match self {
            Self::Number(n) => Cow::Borrowed(n),
            Self::Text(t) if starts_formula(t) => Cow::Owned(format!("'{t}")),
            Self::Text(t) => Cow::Borrowed(t),
        }
    }
}

/// Would a spreadsheet calculate it? Full-width signs count too.
fn starts_formula(text: &str) -> bool {
    text.starts_with(|c: char| "=+-@＝＋－＠".contains(c) || c.is_control())
}

/// A sheet of named columns.
pub(crate) fn sheet<'r>(columns: &[&str], rows: impl IntoIterator<Item = Vec<Cell<'r>>>) -> String {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing to memory fails only where a row has another length than the head.
    writer.write_record(columns).expect("a head is a row");
    for row in rows {
        writer.write_record(row.iter().map(|c| c.written().into_owned())).expect("rows are as long as their head");
    }
    String::from_utf8(writer.into_inner().expect("memory takes all of it")).expect("texts are UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_never_become_formulas_and_numbers_stay_numbers() {
        #[rustfmt::skip]
        let cases = [
            ("=1+1", "'=1+1"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-web", "'-web"), ("@sum", "'@sum"),
            ("\tx", "'\tx"), ("＝1", "'＝1"), ("web", "web"), ("", ""), ("웹", "웹"),
        ];
        for (text, want) in cases {
            assert_eq!(Cell::text(text).written(), want);
        }
        assert_eq!(Cell::number("-73.00").written(), "-73.00");
    }

    #[test]
    fn rows_end_in_crlf_and_texts_with_commas_quotes_or_breaks_are_quoted() {
        let row = vec![Cell::text("a,b"), Cell::text("say \"x\""), Cell::text("two\nlines"), Cell::number("1.50")];
        let text = sheet(&["a", "b", "c", "d"], [row]);
        assert_eq!(text, "a,b,c,d\r\n\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",1.50\r\n");
    }
}
