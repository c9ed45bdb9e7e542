//! What is wrong with a table, and where.

/// What is wrong with a trace or a table, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceFault {
    /// line, from 1
    pub line: u64,
    /// the column's name, if one is at fault
    pub column: String,
    /// what is wrong
    pub wrong: Wrong,
}

/// What is wrong with a trace or a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// the header is that of none of the known forms; it has these columns
    NoArrivals(Vec<String>),
    /// there are times and rates only, where a row is a request
    Rates,
    /// a column is not there; these are
    NoColumn(Vec<String>),
    /// this is not a number of 0 or more, or not a date and time
    NotANumber(String),
    /// this is beyond 584 years, or too many requests to count
    TooLarge(String),
    /// the row arrives before the one that stands before it: both times, in nanoseconds
    Backwards {
        /// of this row
        at: i128,
        /// of the one before
        before: i128,
    },
    /// there are so many cells, and as many columns in the header
    Cells {
        /// in the row
        there: usize,
        /// in the header
        wanted: usize,
    },
    /// a cell's quotes are not closed on its line, or not around all of it
    Quotes,
    /// the line is longer than any row
    LongLine,
    /// the file can't be read on, for this reason
    Unreadable(String),
    /// there is no text in it
    NotText,
    /// there is no row
    Empty,
    /// there are so many rows with a rate above zero or none, where a week has 168
    NotAWeek(usize),
}
