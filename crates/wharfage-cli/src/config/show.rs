//! `wharfage config show`: each setting, its value, and where it comes from.

use clap::{ArgMatches, parser::ValueSource};
use wharfage_api::{
    csv,
    request::FieldKind,
    response::{SCHEMA, to_json},
    settings::{SettingOut, SettingsResponse},
};
use wharfage_core::{diagnostic::line_column, tr};

use super::{Kind, Layer, known, layers, variable};
use crate::{
    Exit,
    format::{Format, sheet},
    input::{self, Texts},
    run::Answer,
    table::{
        Look,
        cells::{Column, Grid, Tone},
    },
};

/// Runs `config show`.
pub fn show(matches: &ArgMatches, texts: &mut Texts) -> Answer {
    let layers = layers();
    if !layers.found.is_empty() {
        return Err(layers.found.clone());
    }
    let input = input::request("estimate", matches, texts)?;
    let mistakes = input.mistakes(Vec::new());
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let one = |name: &'static str, kind| setting(name, kind, matches, &input, texts);
    let answer = SettingsResponse { schema: SCHEMA, settings: known().map(|f| one(f.name, f.kind)).collect() };
    let text = match Format::of(matches) {
        Format::Json => to_json(&answer),
        Format::Csv => sheet(matches, csv::settings(&answer)),
        Format::Table | Format::Markdown => table(&answer, matches.get_flag("origin"), Look::new(matches)),
    };
    Ok((text, Exit::Done))
}

/// A setting's value and the nearest place that sets it.
fn setting(
    name: &'static str,
    kind: FieldKind,
    matches: &ArgMatches,
    input: &input::Input,
    texts: &Texts,
) -> SettingOut {
    let out = |value: Vec<String>, origin: &str| SettingOut {
        name: name.to_owned(),
        value,
        origin: origin.to_owned(),
        place: None,
        line: None,
        column: None,
    };
    if matches.value_source(name) == Some(ValueSource::CommandLine) {
        let value = match kind {
            FieldKind::Flag => vec![matches.get_flag(name).to_string()],
            _ => matches.get_many::<String>(name).unwrap_or_default().cloned().collect(),
        };
        return out(value, tr!("flag"));
    }
    if let Some(span) = input.read.origins.span(name) {
        let value = input.read.request.get(name).into_iter().map(str::to_owned).collect();
        return placed(out(value, tr!("request")), &input.read.origins.name, span.start, texts);
    }
    match layers().get(name) {
        Some((value, layer)) => from_layer(out(value.to_vec(), ""), layer),
        None => out(default(name).into_iter().collect(), tr!("default")),
    }
}

fn from_layer(setting: SettingOut, layer: &Layer) -> SettingOut {
    let origin = match layer.kind {
        Kind::Environment => {
            let place = Some(variable(&setting.name));
            return SettingOut { origin: tr!("environment").to_owned(), place, ..setting };
        }
        Kind::Project => tr!("project"),
        Kind::User => tr!("user"),
    };
    let start = layer.origins.span(&setting.name).map_or(0, |s| s.start);
    placed(SettingOut { origin: origin.to_owned(), ..setting }, &layer.origins.name, start, &layers().texts)
}

fn placed(setting: SettingOut, file: &str, start: usize, texts: &Texts) -> SettingOut {
    let text = texts.iter().find(|(name, _)| name == file).map_or("", |(_, t)| t.as_str());
    let (line, column) = line_column(text, start);
    SettingOut { place: Some(file.to_owned()), line: Some(line), column: Some(column), ..setting }
}

/// What holds where nothing is set; `None` where a request has to say.
fn default(name: &str) -> Option<String> {
    let book = wharfage_prices::book();
    let edition = book.edition();
    Some(match name {
        "purchase" => "on-demand".to_owned(),
        "period" => format!("{}h", edition.month_hours),
        "as_of" => edition.date.to_string(),
        "free_tier" => "on".to_owned(),
        "rounding" => "invoice".to_owned(),
        "prices" => edition.name.clone(),
        "format" => "table".to_owned(),
        "color" => "auto".to_owned(),
        "as_of_first_seen" | "explain" | "bom" | "quiet" => "false".to_owned(),
        _ => return None,
    })
}

fn table(answer: &SettingsResponse, origin: bool, look: Look) -> String {
    let titles = [(Column::Name, tr!("setting")), (Column::Text, tr!("value")), (Column::Name, tr!("set by"))];
    let shown = if origin { 3 } else { 2 };
    let mut grid = Grid::new(titles.into_iter().take(shown).map(|(c, t)| (c, look.say(t).to_owned())));
    for s in &answer.settings {
        let value = if s.value.is_empty() { "-".to_owned() } else { s.value.join(",") };
        let tone = if s.origin == "default" { Tone::Quiet } else { Tone::Plain };
        grid.row(tone, [s.name.clone(), value, place(look, s)].into_iter().take(shown).collect());
    }
    let mut out = String::new();
    grid.draw(&mut out, &look);
    out
}

/// `project: wharfage.toml:3:10`.
fn place(look: Look, s: &SettingOut) -> String {
    let origin = look.say(&s.origin);
    match (&s.place, s.line, s.column) {
        (Some(file), Some(line), Some(column)) => format!("{origin}: {file}:{line}:{column}"),
        (Some(variable), ..) => format!("{origin}: {variable}"),
        _ => origin.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use wharfage_api::{read, respond};

    use super::*;

    #[test]
    fn what_is_shown_as_default_is_what_a_request_without_it_gets() {
        const BODY: &str = "[[workload]]\nvcpu = 1\nmemory = '2GiB'\nreplicas = 1\n";
        let answer = |head: &str| {
            let (request, _) =
                read::request("x.toml", &format!("platform = 'cloud-run'\nregion = 'seoul'\n{head}{BODY}")).unwrap();
            to_json(&respond(&request, &wharfage_prices::book()).unwrap())
        };
        let own = ["prices", "format", "color", "lang", "bom", "quiet"];
        let stated = known().filter(|f| !own.contains(&f.name)).filter_map(|f| Some((f.name, default(f.name)?)));
        let head: String = stated.map(|(name, value)| format!("{name} = '{value}'\n")).collect();
        assert!(head.lines().count() > 5, "{head}");
        assert_eq!(answer(&head), answer(""));
    }
}
