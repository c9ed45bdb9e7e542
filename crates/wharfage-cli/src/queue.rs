//! `wharfage queue`: the closed forms, a figure a line.

use clap::ArgMatches;
use wharfage_api::{
    csv,
    queue::{self, QueueRequest, QueueResponse},
    response::to_json,
};
use wharfage_core::{Text, text, tr};

use crate::{
    Exit,
    format::{Format, sheet},
    input,
    run::Answer,
    table::{
        Look,
        cells::{Column, Grid, Tone, paragraph},
    },
};

/// Runs `queue`.
pub fn run(matches: &ArgMatches) -> Answer {
    let mut request = QueueRequest::default();
    for field in QueueRequest::FIELDS {
        request.set(field.name, input::given(matches, field));
    }
    let answer = queue::respond(&request).map_err(|mut found| {
        input::name_flags(&mut found);
        found
    })?;
    let text = match Format::of(matches) {
        Format::Json => to_json(&answer),
        Format::Csv => sheet(matches, csv::figures(&answer)),
        Format::Table | Format::Markdown => draw(&answer, &Look::new(matches)),
    };
    Ok((text, Exit::Done))
}

fn draw(answer: &QueueResponse, look: &Look) -> String {
    let mut out = String::new();
    paragraph(&mut out, look, Tone::Strong, "", &look.tell(&text!("{model}, by formula", model = &answer.model)));
    out.push('\n');
    let columns = [
        (Column::Name, ""),
        (Column::Number, tr!("Value")),
        (Column::Text, tr!("Unit")),
        (Column::Text, tr!("What it is")),
    ];
    let mut grid = Grid::new(columns.map(|(c, title)| (c, look.say(title).to_owned())));
    for f in &answer.figures {
        grid.row(Tone::Plain, vec![f.name.clone(), f.value.clone(), f.unit.clone(), look.say(&f.says).to_owned()]);
    }
    grid.draw(&mut out, look);
    if !look.quiet {
        for assumption in &answer.assumptions {
            paragraph(
                &mut out,
                look,
                Tone::Quiet,
                "",
                &look.tell(&text!("It {holds}.", holds = Text::known(assumption))),
            );
        }
    }
    out
}
