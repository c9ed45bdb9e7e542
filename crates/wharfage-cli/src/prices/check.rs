//! `wharfage prices check`: a folder of tables, read as `--prices` reads it, and all that is wrong with it.

use clap::ArgMatches;
use wharfage_api::{csv, prices, response::to_json};
use wharfage_core::{Text, text};

use super::{
    tables::{rows, thousands},
    text,
};
use crate::{
    Exit, book,
    format::{Format, sheet},
    input::Texts,
    report,
    run::Answer,
    table::Look,
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
            let (rows, files) = (rows(answer.rows), files(answer.files));
            Look::new(matches).tell(&text!("{folder}: {rows} in {files}, fine", folder, rows, files)) + "\n"
        }
        _ => String::new(),
    };
    Ok((text, if answer.fine { Exit::Done } else { Exit::Nothing }))
}

/// `1 file`, `2 files`.
fn files(n: usize) -> Text {
    if n == 1 { text!("{n} file", n) } else { text!("{n} files", n = thousands(n)) }
}
