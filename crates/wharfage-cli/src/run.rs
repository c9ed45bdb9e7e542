//! Runs a command: reads, asks the library, writes.

use clap::ArgMatches;
use wharfage_api::response::{EstimateResponse, to_json};
use wharfage_core::Diagnostic;

use crate::{
    Exit, book, diff,
    input::{self, Texts},
    output, prices, recommend, report, table,
};

/// Runs what the arguments ask for.
pub fn run(matches: &ArgMatches) -> Exit {
    let Some((name, sub)) = matches.subcommand() else { return Exit::BadInput };
    let mut texts = Texts::new();
    let answer = match name {
        "prices" => prices::run(sub, &mut texts),
        "diff" => diff::run(sub, &mut texts),
        "recommend" => recommend::run(sub, &mut texts),
        command => pricing(command, sub, &mut texts),
    };
    let sub = if name == "prices" { sub.subcommand().map_or(sub, |(_, s)| s) } else { sub };
    let wrote = answer.and_then(|(text, exit)| output::write(sub, &text).map(|()| exit).map_err(|d| vec![d]));
    wrote.unwrap_or_else(|found| report::refuse(&found, &texts, sub))
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
            return Err(c.err().into_iter().flatten().chain(asked).collect());
        }
    };
    let response = match wharfage_api::respond(&input.read.request, &choice.book()) {
        Ok(response) if input.read.found.is_empty() => response,
        asked => return Err(input.mistakes(asked.err().unwrap_or_default())),
    };
    let exit = exit(command, &response);
    let text = match matches.get_one::<String>("format").map(String::as_str) {
        Some("json") => to_json(&response),
        _ => table::draw(command, &response, &table::Look::new(matches)),
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
