//! How an answer is written: `--format`.

use clap::ArgMatches;
use wharfage_api::{csv::BYTE_ORDER_MARK, language::catalogue};
use wharfage_core::text::{Catalogue, Language};

use crate::language;

/// What `--format` takes.
pub const FORMATS: [&str; 4] = ["table", "json", "csv", "markdown"];

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// for a terminal
    Table,
    /// for scripts
    Json,
    /// for spreadsheets
    Csv,
    /// for comments and notes
    Markdown,
}

impl Format {
    /// The form that the arguments ask for.
    pub fn of(matches: &ArgMatches) -> Self {
        match matches.get_one::<String>("format").map(String::as_str) {
            Some("json") => Self::Json,
            Some("csv") => Self::Csv,
            Some("markdown") => Self::Markdown,
            _ => Self::Table,
        }
    }

    /// The language of an answer: scripts read English.
    pub fn words(self, matches: &ArgMatches) -> &'static Catalogue {
        match self {
            Self::Json | Self::Csv => catalogue(Language::En),
            Self::Table | Self::Markdown => language::chosen(matches),
        }
    }
}

/// A sheet as the arguments want it: `--bom` puts the mark before it by which Excel knows UTF-8.
pub fn sheet(matches: &ArgMatches, text: String) -> String {
    if matches.get_flag("bom") { format!("{BYTE_ORDER_MARK}{text}") } else { text }
}
