//! `wharfage prices check`: a folder of tables, read as `--prices` reads it, and all that is wrong with it.

use clap::ArgMatches;
use wharfage_api::{csv, prices, response::to_json};

use super::text;
use crate::{
    Exit, book,
    format::{Format, sheet},
    input::Texts,
    report,
    run::Answer,
};

/// Runs `prices check`. Mistakes are told on the standard error and end with 1; a folder that can't be read, with 2.
pub fn run(matches: &ArgMatches, texts: &mut Texts) -> Answer {
    let folder = text(matches, "folder").unwrap_or_default();
    let (tables, found) = book::read(folder, texts)?;
    let found = prices::check(&tables, found, &wharfage_prices::book());
    let answer = prices::checked(folder, &tables, &found);
    report::tell(&found, texts, matches);
    let text = match Format::of(matches) {
        Format::Json => to_json(&answer),
        Format::Csv => sheet(matches, csv::check(&answer, texts)),
        _ if answer.fine => {
            format!("{folder}: {} in {}, fine\n", count(answer.rows, "row"), count(answer.files, "file"))
        }
        _ => String::new(),
    };
    Ok((text, if answer.fine { Exit::Done } else { Exit::Nothing }))
}

fn count(n: usize, what: &str) -> String {
    super::tables::count(n, what)
}
