//! `wharfage simulate`: reads the flags, asks the library, writes tables, sheets and pictures of what comes out.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::PathBuf,
};

use clap::ArgMatches;
use wharfage_api::{
    csv,
    request::EstimateRequest,
    response::to_json,
    simulate::{self, SimulateResponse},
};
use wharfage_core::{
    Diagnostic, PriceBook,
    text::{Catalogue, Text},
};

use crate::{
    Exit, book,
    chart::{self, Glyphs},
    format::{Format, sheet},
    input::{self, Texts},
    language, output, plot, progress,
    run::Answer,
    table::{self, Look},
};

/// Runs `simulate`.
pub fn run(matches: &ArgMatches, texts: &mut Texts) -> Answer {
    let choice = book::choose(matches.get_one::<String>("prices").map(String::as_str), texts);
    let input = input::simulation(matches, texts);
    // Mistakes in the tables and in the request are one trip.
    let (choice, mut input) = match (choice, input) {
        (Ok(c), Ok(i)) => (c, i),
        (c, i) => {
            let asked = i.map_or_else(|found| found, |i| i.mistakes(Vec::new()));
            return Err(c.err().into_iter().flatten().chain(asked).collect());
        }
    };
    let counts = Counted::of(matches, &mut input.read.request);
    let mut asked = simulated(matches, &input.read.request, &choice.book());
    if let Err(found) = &asked
        && input.read.found.is_empty()
        && is_agreed(language::chosen(matches), found)
    {
        input.read.request.simulate.get_or_insert_default().yes = Some("true".to_owned());
        asked = simulated(matches, &input.read.request, &choice.book());
    }
    let mut answer = match asked {
        Ok(answer) if input.read.found.is_empty() => answer,
        asked => return Err(input.mistakes(asked.err().unwrap_or_default())),
    };
    write_files(&answer, matches).map_err(|d| vec![d])?;
    if counts == Counted::ForFiles {
        answer.runs.iter_mut().for_each(|run| run.series.clear());
    }
    let cut = answer.runs.iter().flat_map(|run| &run.warnings).any(|warning| warning.code == "simulate/cut");
    let missed = answer.slo.as_ref().is_some_and(|slo| !table::slo::is_kept(slo));
    // A script must not take a part for the whole, nor the nearest for enough.
    Ok((written(&answer, matches), if cut || missed { Exit::Nothing } else { Exit::Done }))
}

fn written(answer: &SimulateResponse, matches: &ArgMatches) -> String {
    match Format::of(matches) {
        Format::Json => to_json(answer),
        Format::Csv => sheet(matches, csv::runs(answer)),
        Format::Table | Format::Markdown => {
            let look = Look::new(matches);
            table::simulate::draw(answer, &look, |out| chart::draw(out, answer, &look, &Glyphs::of_environment()))
        }
    }
}

/// Why instances are counted over time, if they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    /// the answer has them, or shows them
    ForTheAnswer,
    /// only what is written beside the answer has them: scripts read what they asked for
    ForFiles,
}

impl Counted {
    /// Has them counted where a picture wants it and nobody said how often.
    fn of(matches: &ArgMatches, request: &mut EstimateRequest) -> Self {
        let simulate = request.simulate.get_or_insert_default();
        let shown = matches!(Format::of(matches), Format::Table | Format::Markdown) && !matches.get_flag("quiet");
        if simulate.every.is_some() {
            return Self::ForTheAnswer;
        }
        if shown || files(matches).next().is_some() {
            simulate.every = Some("auto".to_owned());
        }
        if shown { Self::ForTheAnswer } else { Self::ForFiles }
    }
}

/// Files that are written beside the answer.
fn files(matches: &ArgMatches) -> impl Iterator<Item = &PathBuf> {
    ["series", "plot"].into_iter().filter_map(|name| matches.get_one::<PathBuf>(name))
}

/// What comes out; nobody waits for it to learn that a file can't be written.
fn simulated(
    matches: &ArgMatches,
    request: &EstimateRequest,
    book: &PriceBook<'_>,
) -> Result<SimulateResponse, Vec<Diagnostic>> {
    let mut found = output::check_all(matches);
    found.extend(matches.get_one::<PathBuf>("plot").and_then(|path| plot::Kind::of(path).err()));
    if found.is_empty() {
        let words = Format::of(matches).words(matches);
        return progress::watched(matches, |watch| simulate::respond_in(words, request, book, &input::open, watch));
    }
    found.extend(simulate::check(request, book, &input::open));
    Err(found)
}

fn write_files(answer: &SimulateResponse, matches: &ArgMatches) -> Result<(), Diagnostic> {
    let force = matches.get_flag("force");
    let plot = matches.get_one::<PathBuf>("plot");
    // Drawn before anything is written: what can't be drawn leaves nothing behind.
    let picture = plot.map(|path| plot::draw(answer, plot::Kind::of(path)?)).transpose()?;
    if let Some(path) = matches.get_one::<PathBuf>("series") {
        output::to_file(path, sheet(matches, csv::series(answer)), force)?;
    }
    plot.zip(picture).map_or(Ok(()), |(path, picture)| output::to_file(path, picture, force))
}

/// Does a simulation take long, and does whoever sits at the terminal want it all the same?
fn is_agreed(language: &Catalogue, found: &[Diagnostic]) -> bool {
    let [long] = found else { return false };
    if long.code != "simulate/long" || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return false;
    }
    agrees(language, &long.message, &mut io::stdin().lock(), &mut io::stderr().lock())
}

/// Asks whether to go on; anything but a yes is a no.
fn agrees(language: &Catalogue, why: &Text, answers: &mut impl BufRead, questions: &mut impl Write) -> bool {
    let ask = "Simulate it all the same?";
    let _ = write!(questions, "{}\n{} [yes/no] ", language.tell(why), language.say(ask));
    let _ = questions.flush();
    let mut line = String::new();
    let read = answers.read_line(&mut line).is_ok();
    let line = line.trim().to_lowercase();
    read && !line.is_empty() && "yes".starts_with(&line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        for (answer, agreed) in
            [("yes\n", true), ("Y\n", true), ("no\n", false), ("\n", false), ("", false), ("yesterday\n", false)]
        {
            let mut asked = Vec::new();
            let why = Text::from("some requests would take about 3 hours");
            assert_eq!(agrees(&Catalogue::ENGLISH, &why, &mut answer.as_bytes(), &mut asked), agreed, "{answer:?}");
            assert!(
                String::from_utf8(asked).unwrap().starts_with("some requests would take about 3 hours\nSimulate it")
            );
        }
    }
}
