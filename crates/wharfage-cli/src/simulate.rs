//! `wharfage simulate`: reads the flags, asks the library, writes tables, sheets and pictures of what comes out.

use std::path::PathBuf;

use clap::ArgMatches;
use wharfage_api::{
    csv,
    response::to_json,
    simulate::{self, SimulateRequest, SimulateResponse},
};
use wharfage_core::Diagnostic;

use crate::{
    Exit,
    chart::{self, Glyphs},
    format::{Format, sheet},
    input, output, plot,
    run::Answer,
    table::{self, Look},
};

/// Runs `simulate`.
pub fn run(matches: &ArgMatches) -> Answer {
    let format = Format::of(matches);
    let mut request = request(matches);
    // Pictures want counts; an answer for scripts lists only those that were asked for.
    let asked = request.every.is_some();
    let drawn = matches!(format, Format::Table | Format::Markdown) && !matches.get_flag("quiet");
    if !asked && (drawn || files(matches).next().is_some()) {
        request.every = Some("auto".to_owned());
    }
    let mut answer = simulated(&request, matches).map_err(|mut found| {
        input::name_flags(&mut found);
        found
    })?;
    write_files(&answer, matches).map_err(|d| vec![d])?;
    if !asked {
        answer.runs.iter_mut().filter(|_| !drawn).for_each(|run| run.series.clear());
    }
    let text = match format {
        Format::Json => to_json(&answer),
        Format::Csv => sheet(matches, csv::runs(&answer)),
        Format::Table | Format::Markdown => {
            let look = Look::new(matches);
            table::simulate::draw(&answer, &look, |out| chart::draw(out, &answer, &look, &Glyphs::of_environment()))
        }
    };
    Ok((text, Exit::Done))
}

fn request(matches: &ArgMatches) -> SimulateRequest {
    let mut request = SimulateRequest::default();
    for field in SimulateRequest::FIELDS {
        request.set(field.name, input::given(matches, field));
    }
    request
}

/// Files that are written beside the answer.
fn files(matches: &ArgMatches) -> impl Iterator<Item = &PathBuf> {
    ["series", "plot"].into_iter().filter_map(|name| matches.get_one::<PathBuf>(name))
}

/// What comes out; nobody waits for it to learn that a file can't be written.
fn simulated(request: &SimulateRequest, matches: &ArgMatches) -> Result<SimulateResponse, Vec<Diagnostic>> {
    let force = matches.get_flag("force");
    let mut found: Vec<Diagnostic> = files(matches).filter_map(|path| output::check(path, force).err()).collect();
    found.extend(matches.get_one::<PathBuf>("plot").and_then(|path| plot::Kind::of(path).err()));
    if found.is_empty() {
        return simulate::respond(request, &input::open);
    }
    found.extend(simulate::check(request, &input::open));
    Err(found)
}

fn write_files(answer: &SimulateResponse, matches: &ArgMatches) -> Result<(), Diagnostic> {
    let force = matches.get_flag("force");
    if let Some(path) = matches.get_one::<PathBuf>("series") {
        output::to_file(path, &sheet(matches, csv::series(answer)), force)?;
    }
    if let Some(path) = matches.get_one::<PathBuf>("plot") {
        output::to_file(path, plot::draw(answer, plot::Kind::of(path)?)?, force)?;
    }
    Ok(())
}
