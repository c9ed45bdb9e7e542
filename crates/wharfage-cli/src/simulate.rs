//! `wharfage simulate`: reads the flags, asks the library, draws the runs side by side.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::PathBuf,
};

use clap::ArgMatches;
use wharfage_api::{
    csv,
    response::to_json,
    simulate::{self, RunOut, SimulateResponse},
};
use wharfage_core::{
    Diagnostic,
    text::{Catalogue, Text},
};

use crate::{
    Exit, book,
    format::{Format, sheet},
    input::{self, Texts},
    language, output,
    run::Answer,
    table::{
        Look,
        cells::{Column, Grid, Tone, line, paragraph},
    },
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
    let words = Format::of(matches).words(matches);
    let mut asked = simulate::respond_in(words, &input.read.request, &choice.book(), &input::open);
    if let Err(found) = &asked
        && input.read.found.is_empty()
        && is_agreed(language::chosen(matches), found)
    {
        input.read.request.simulate.get_or_insert_default().yes = Some("true".to_owned());
        asked = simulate::respond_in(words, &input.read.request, &choice.book(), &input::open);
    }
    let answer = match asked {
        Ok(answer) if input.read.found.is_empty() => answer,
        asked => return Err(input.mistakes(asked.err().unwrap_or_default())),
    };
    if let Some(path) = matches.get_one::<PathBuf>("series") {
        let text = sheet(matches, csv::series(&answer));
        output::to_file(path, &text, matches.get_flag("force")).map_err(|d| vec![d])?;
    }
    let text = match Format::of(matches) {
        Format::Json => to_json(&answer),
        Format::Csv => sheet(matches, csv::runs(&answer)),
        Format::Table | Format::Markdown => draw(&answer, &Look::new(matches)),
    };
    Ok((text, Exit::Done))
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

/// The runs side by side, a figure a line.
fn draw(answer: &SimulateResponse, look: &Look) -> String {
    let mut out = String::new();
    let times =
        if answer.replications == 1 { String::new() } else { format!(" in {} replications", answer.replications) };
    let title = format!("{} events simulated over {} s{times}, seed {}", answer.events, answer.horizon_s, answer.seed);
    paragraph(&mut out, look, Tone::Strong, "", &title);
    out.push('\n');
    let columns = std::iter::once((Column::Name, String::new()));
    let mut grid =
        Grid::new(columns.chain(answer.runs.iter().map(|r| (Column::Number, r.policy.clone()))).collect::<Vec<_>>());
    for (name, cell) in FIGURES {
        let cells = answer.runs.iter().map(cell);
        grid.row(Tone::Plain, std::iter::once(name.to_owned()).chain(cells).collect::<Vec<_>>());
    }
    grid.draw(&mut out, look);
    notes(&mut out, answer, look);
    out
}

/// A figure's name and how it is shown.
type Figure = (&'static str, fn(&RunOut) -> String);

const FIGURES: [Figure; 17] = [
    ("Requests", |r| r.requests.to_string()),
    ("Rejected", |r| r.rejected.to_string()),
    ("Cold starts", |r| r.cold_starts.to_string()),
    ("Cold starts per request", |r| figure(&r.cold_start_fraction, ci(r, |c| &c.cold_start_fraction))),
    ("Latency mean (ms)", |r| figure(&r.latency_ms.mean, ci(r, |c| &c.latency_ms.mean))),
    ("Latency p50 (ms)", |r| figure(&r.latency_ms.p50, ci(r, |c| &c.latency_ms.p50))),
    ("Latency p95 (ms)", |r| figure(&r.latency_ms.p95, ci(r, |c| &c.latency_ms.p95))),
    ("Latency p99 (ms)", |r| figure(&r.latency_ms.p99, ci(r, |c| &c.latency_ms.p99))),
    ("Latency max (ms)", |r| figure(&r.latency_ms.max, None)),
    ("Wait mean (ms)", |r| figure(&r.wait_ms.mean, ci(r, |c| &c.wait_ms.mean))),
    ("Wait p99 (ms)", |r| figure(&r.wait_ms.p99, ci(r, |c| &c.wait_ms.p99))),
    ("Instances running, mean", |r| figure(&r.instances.mean_running, ci(r, |c| &c.mean_running))),
    ("Instances idle, mean", |r| figure(&r.instances.mean_idle, ci(r, |c| &c.mean_idle))),
    ("Instances, mean", |r| figure(&r.instances.mean_total, ci(r, |c| &c.mean_total))),
    ("Instances, most", |r| r.instances.max.to_string()),
    ("Instance time (s)", |r| figure(&seconds(r.usage.held_us), None)),
    ("Billed by request (s)", |r| figure(&seconds(r.usage.billed_us), None)),
];

fn ci<'r>(run: &'r RunOut, get: fn(&'r wharfage_api::simulate::Ci95Out) -> &'r String) -> Option<&'r String> {
    run.ci95.as_ref().map(get)
}

fn seconds(us: u64) -> String {
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}

/// Six digits of a number, and its half-width where it has one.
fn figure(number: &str, half_width: Option<&String>) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let leading = if whole == "0" { fraction.len() - fraction.trim_start_matches('0').len() } else { 0 };
    let places = (6_usize.saturating_sub(if whole == "0" { 0 } else { whole.len() }) + leading).min(fraction.len());
    let fraction = fraction[..places].trim_end_matches('0');
    let short = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
    half_width.map_or(short.clone(), |w| format!("{short} ± {w}"))
}

fn notes(out: &mut String, answer: &SimulateResponse, look: &Look) {
    for run in &answer.runs {
        for warning in &run.warnings {
            paragraph(out, look, Tone::Bad, "", &format!("{}: {}", run.policy, warning.message));
        }
    }
    if look.quiet {
        return;
    }
    line(out, look, Tone::Plain, "");
    let mut assumed: Vec<&String> = Vec::new();
    for assumption in answer.runs.iter().flat_map(|r| &r.assumptions) {
        if !assumed.contains(&assumption) {
            assumed.push(assumption);
        }
    }
    for assumption in assumed {
        paragraph(out, look, Tone::Quiet, "", &format!("Assumed: {assumption}."));
    }
    if let Some(run) = answer.runs.first() {
        let text = format!("Routing: {}.", run.routing);
        paragraph(out, look, Tone::Quiet, "", &text);
    }
    if answer.runs.iter().any(|r| r.ci95.is_some()) {
        paragraph(out, look, Tone::Quiet, "", "± is the half-width of the 95 % confidence interval over replications.");
    }
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
