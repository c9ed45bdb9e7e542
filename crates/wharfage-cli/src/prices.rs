//! `wharfage prices`: what the tables hold.

mod check;
mod diff;
mod tables;

use clap::ArgMatches;
use wharfage_api::{
    csv,
    prices::{self, CoverageTexts, Filter},
    response::to_json,
};
use wharfage_core::{Diagnostic, PriceBook};

use crate::{
    Exit, book,
    format::{Format, sheet},
    input,
    input::Texts,
    run::Answer,
    table::Look,
};

/// Runs a command of `prices`.
pub fn run(matches: &ArgMatches, texts: &mut Texts) -> Answer {
    let Some((name, sub)) = matches.subcommand() else { return Ok((String::new(), Exit::BadInput)) };
    let answer = match name {
        "check" => return check::run(sub, texts),
        "diff" => return diff::run(sub, texts).map(|text| (text, Exit::Done)),
        _ => book::choose(text(sub, "prices"), texts).and_then(|choice| match name {
            "list" => list(sub, &choice.book()),
            "show" => show(sub, &choice.book()),
            _ => coverage(sub, &choice.book()),
        }),
    };
    answer.map(|text| (text, Exit::Done)).map_err(on_flags)
}

/// What is wrong with flags, with their names.
fn on_flags(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    input::name_flags(&mut found);
    found
}

type Text = Result<String, Vec<Diagnostic>>;

fn text<'m>(matches: &'m ArgMatches, name: &str) -> Option<&'m str> {
    matches.get_one::<String>(name).map(String::as_str)
}

/// An answer in the form that the arguments ask for.
fn written<T>(
    matches: &ArgMatches,
    answer: &T,
    as_json: fn(&T) -> String,
    as_csv: fn(&T) -> String,
    as_page: fn(&T, Look) -> String,
) -> String {
    match Format::of(matches) {
        Format::Json => as_json(answer),
        Format::Csv => sheet(matches, as_csv(answer)),
        Format::Table | Format::Markdown => as_page(answer, Look::new(matches)),
    }
}

/// The words that keys must have.
fn words(matches: &ArgMatches) -> String {
    let words: Vec<&str> = matches.get_many::<String>("pattern").into_iter().flatten().map(String::as_str).collect();
    words.join(" ")
}

fn list(matches: &ArgMatches, book: &PriceBook<'_>) -> Text {
    let words = words(matches);
    let given = Some(words.as_str()).filter(|w| !w.trim().is_empty());
    let filter = Filter { text: given, region: text(matches, "region"), as_of: text(matches, "as_of") };
    if matches.get_flag("regions") {
        let answer = prices::regions(book, &filter)?;
        return Ok(written(matches, &answer, to_json, csv::regions, tables::regions));
    }
    let answer = prices::list(book, &filter)?;
    Ok(written(matches, &answer, to_json, csv::list, tables::list))
}

fn show(matches: &ArgMatches, book: &PriceBook<'_>) -> Text {
    let key = text(matches, "key").unwrap_or_default();
    let answer = prices::show(book, key, text(matches, "region"))?;
    let page = if matches.get_flag("history") { tables::history } else { tables::show };
    Ok(written(matches, &answer, to_json, csv::show, page))
}

fn coverage(matches: &ArgMatches, book: &PriceBook<'_>) -> Text {
    let texts = CoverageTexts { accounting: wharfage_prices::ACCOUNTING, data_only: wharfage_prices::COVERAGE };
    let answer = prices::coverage(book, &texts)?;
    Ok(written(matches, &answer, to_json, csv::coverage, tables::coverage))
}
