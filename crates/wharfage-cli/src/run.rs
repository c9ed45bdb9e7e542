//! Runs a command: reads, asks the library, writes.

use clap::ArgMatches;
use wharfage_api::{
    csv,
    response::{EstimateResponse, to_json},
};
use wharfage_core::Diagnostic;

use crate::{
    Exit, book, break_even, config, diff,
    format::{Format, sheet},
    input::{self, Texts},
    manual, output, prices, queue, recommend, report, simulate, table,
};

/// Runs what the arguments ask for.
pub fn run(matches: &ArgMatches) -> Exit {
    let Some((name, sub)) = matches.subcommand() else { return Exit::BadInput };
    let mut texts = config::layers().texts.clone();
    let answer = match name {
        "prices" => settled().and_then(|()| prices::run(sub, &mut texts)),
        "diff" => settled().and_then(|()| diff::run(sub, &mut texts)),
        "recommend" => settled().and_then(|()| recommend::run(sub, &mut texts)),
        "config" => sub.subcommand().map_or(Ok((String::new(), Exit::BadInput)), |(_, s)| config::show(s, &mut texts)),
        "completions" => manual::completions(sub),
        "man" => manual::man(sub),
        "simulate" => settled().and_then(|()| simulate::run(sub, &mut texts)),
        "break-even" => settled().and_then(|()| break_even::run(sub, &mut texts)),
        "queue" => settled().and_then(|()| queue::run(sub)),
        command => pricing(command, sub, &mut texts),
    };
    let sub = sub.subcommand().map_or(sub, |(_, s)| s);
    let wrote = answer.and_then(|(text, exit)| output::write(sub, &text).map(|()| exit).map_err(|d| vec![d]));
    wrote.unwrap_or_else(|found| report::refuse(&found, &texts, sub))
}

/// Mistakes in the settings, where nothing else is read that could have some.
fn settled() -> Result<(), Vec<Diagnostic>> {
    let found = &config::layers().found;
    if found.is_empty() { Ok(()) } else { Err(found.clone()) }
}

/// An answer, and how the program ends with it.
pub type Answer = Result<(String, Exit), Vec<Diagnostic>>;

fn pricing(command: &str, matches: &ArgMatches, texts: &mut Texts) -> Answer {
    let asked = matches.get_one::<String>("prices").map(String::as_str);
    let choice = book::choose(asked, texts);
    let input = input::request(command, matches, texts);
    // Mistakes in the tables and in the request are one trip.
    let (choice, input) = match (choice, input) {
        (Ok(c), Ok(i)) => (c, i),
        (c, i) => {
            let asked = i.map_or_else(|found| found, |i| i.mistakes(Vec::new()));
            let set = settled().err().into_iter().flatten();
            return Err(set.chain(c.err().into_iter().flatten()).chain(asked).collect());
        }
    };
    let words = Format::of(matches).words(matches);
    let response = match wharfage_api::respond_in(words, &input.read.request, &choice.book()) {
        Ok(response) if input.read.found.is_empty() && settled().is_ok() => response,
        asked => {
            let set = settled().err().into_iter().flatten();
            return Err(set.chain(input.mistakes(asked.err().unwrap_or_default())).collect());
        }
    };
    let exit = exit(command, &response);
    let text = match Format::of(matches) {
        Format::Json => to_json(&response),
        Format::Csv => sheet(matches, csv::estimates(&response)),
        Format::Table | Format::Markdown => table::draw(command, &response, &table::Look::new(matches)),
    };
    Ok((text, exit))
}

fn exit(command: &str, response: &EstimateResponse) -> Exit {
    let any = |status: &str| response.estimates.iter().any(|e| e.status == status);
    if response.estimates.iter().all(|e| !e.feasible) {
        Exit::Nothing
    } else if command == "estimate" && (any("partial") || any("unpriced")) {
        Exit::Unpriced
    } else {
        Exit::Done
    }
}
