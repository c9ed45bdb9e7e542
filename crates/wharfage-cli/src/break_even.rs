//! `wharfage break-even`: reads what is varied and the request, asks the library.

use clap::ArgMatches;
use wharfage_api::{
    break_even::{self, BreakEvenRequest},
    csv,
    response::to_json,
    simulate::Watch,
};
use wharfage_core::{Diagnostic, diagnostic::Place};

use crate::{
    Exit, book,
    format::{Format, sheet},
    input::{self, Input, Texts},
    output, progress,
    run::Answer,
    table,
};

/// Runs `break-even`.
pub fn run(matches: &ArgMatches, texts: &mut Texts) -> Answer {
    let choice = book::choose(matches.get_one::<String>("prices").map(String::as_str), texts);
    let input = input::request("compare", matches, texts);
    // Mistakes in the tables and in the request are one trip.
    let (choice, input) = match (choice, input) {
        (Ok(c), Ok(i)) => (c, i),
        (c, i) => {
            let asked = i.map_or_else(|found| found, |i| i.mistakes(Vec::new()));
            return Err(c.err().into_iter().flatten().chain(asked).collect());
        }
    };
    let mut request = BreakEvenRequest { request: input.read.request.clone(), ..BreakEvenRequest::default() };
    for field in BreakEvenRequest::FIELDS {
        request.set(field.name, input::given(matches, field));
    }
    let unwritable = output::check_all(matches);
    if !unwritable.is_empty() {
        return Err(input.mistakes(unwritable));
    }
    let words = Format::of(matches).words(matches);
    let ask = |watch: &Watch| break_even::respond_in(words, &request, &choice.book(), (&input::open, watch));
    // Only a simulation takes long enough to be looked at, and ends early when it is asked to.
    let asked = if request.by.is_some() { progress::watched(matches, ask) } else { ask(&Watch::new()) };
    let answer = match asked {
        Ok(answer) if input.read.found.is_empty() => answer,
        asked => return Err(mistakes(&input, asked.err().unwrap_or_default())),
    };
    let text = match Format::of(matches) {
        Format::Json => to_json(&answer),
        Format::Csv => sheet(matches, csv::break_even(&answer)),
        Format::Table | Format::Markdown => table::break_even::draw(&answer, &table::Look::new(matches)),
    };
    // A script must not take a part for the whole.
    let cut = answer.warnings.iter().any(|warning| warning.code == "simulate/cut");
    Ok((text, if cut || answer.rivals.len() < 2 { Exit::Nothing } else { Exit::Done }))
}

/// Mistakes in the range are told of its flags, which no file has; the others where they stand.
fn mistakes(input: &Input, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let (mut own, others): (Vec<_>, Vec<_>) = found.into_iter().partition(is_own);
    input::name_flags(&mut own);
    own.extend(input.mistakes(others));
    own
}

fn is_own(d: &Diagnostic) -> bool {
    let own = |field: &str| BreakEvenRequest::FIELDS.iter().any(|f| f.name == field);
    d.labels.iter().any(|l| matches!(&l.place, Place::Field(field) if own(field)))
}
