//! `wharfage diff`: two requests or answers, and what changed between them.

pub mod markdown;
pub mod words;

use clap::{ArgMatches, parser::ValueSource};
use wharfage_api::{
    csv,
    diff::{self, Kind, Side, Threshold},
    read,
    request::{EstimateRequest, FieldKind, Overlay},
    response::{EstimateResponse, to_json},
};
use wharfage_core::{Diagnostic, PriceBook, Text, text::Catalogue};

use crate::{
    Exit, book,
    format::{Format, sheet},
    input::{self, Input, Texts},
    run::Answer,
    table,
};

/// Runs `diff`.
pub(crate) fn run(matches: &ArgMatches, texts: &mut Texts) -> Answer {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let words = Format::of(matches).words(matches);
    let choice = book::choose(text("prices"), texts);
    let limit = limit(text("fail_above"));
    let [before, after] = [text("before"), text("after")].map(Option::unwrap_or_default);
    let (old, new) = (Given::read(before, matches, texts), Given::read(after, matches, texts));
    // Mistakes in the tables, the flags and both files are one trip.
    let mut found = Vec::new();
    if before == "-" && after == "-" {
        let d = Diagnostic::error("diff/one-input", "both sides are the standard input, which is read once");
        found.push(d.help("name a file for one of them"));
    }
    let choice = keep(choice, &mut found);
    let limit = keep(limit, &mut found);
    let book = choice.as_ref().map(book::Choice::book);
    let [old, new] =
        [old, new].map(|side| keep(side, &mut found).and_then(|s| keep(s.answer(words, book.as_ref()), &mut found)));
    let (Some(limit), Some(old), Some(new), true) = (limit, old, new, found.is_empty()) else { return Err(found) };
    let flags = given(matches);
    let side = |s: &'_ Answered| (s.name.clone(), s.kind);
    let ((old_name, old_kind), (new_name, new_kind)) = (side(&old), side(&new));
    let before = Side { name: &old_name, kind: old_kind, flags: &flags, response: &old.response };
    let after = Side { name: &new_name, kind: new_kind, flags: &flags, response: &new.response };
    let answer = diff::diff_in(words, before, after, limit.as_ref());
    let beyond = answer.threshold.as_ref().is_some_and(|t| !t.crossed.is_empty());
    let text = match Format::of(matches) {
        Format::Json => to_json(&answer),
        Format::Csv => sheet(matches, csv::comparison(&answer)),
        Format::Markdown => markdown::draw(&answer, &table::Look::new(matches)),
        Format::Table => table::diff::draw(&answer, &table::Look::new(matches)),
    };
    Ok((text, if beyond { Exit::Nothing } else { Exit::Done }))
}

/// A value, or nothing and its mistakes among the others.
fn keep<T>(result: Result<T, Vec<Diagnostic>>, found: &mut Vec<Diagnostic>) -> Option<T> {
    result.map_err(|mut mistakes| found.append(&mut mistakes)).ok()
}

fn limit(text: Option<&str>) -> Result<Option<Threshold>, Vec<Diagnostic>> {
    let refuse = |f: wharfage_api::grammar::Fault| {
        let d = Diagnostic::error("request/value", f.message).on("fail_above", Text::plain(input::flag("fail_above")));
        vec![d.help(f.help)]
    };
    text.map(diff::threshold).transpose().map_err(refuse)
}

/// A side as its file has it.
struct Given {
    name: String,
    read: Read,
}

enum Read {
    Request(Box<Input>),
    Response(Box<EstimateResponse>),
}

/// A side with its answer.
struct Answered {
    name: String,
    kind: Kind,
    response: EstimateResponse,
}

impl Given {
    fn read(path: &str, matches: &ArgMatches, texts: &mut Texts) -> Result<Self, Vec<Diagnostic>> {
        let (name, text) = input::text_of(path, texts)?;
        let read = if diff::read::is_response(text) {
            Read::Response(Box::new(diff::read::response(name, text).map_err(|d| vec![d])?))
        } else {
            let mut input = input::overlaid(read::reading(name, text), matches, Overlay::Replacing);
            let request = &mut input.read.request;
            // Without a platform, the request is about all of them.
            if request.command.is_none() && request.platform.is_empty() {
                request.command = Some("compare".to_owned());
            }
            Read::Request(Box::new(input))
        };
        Ok(Self { name: name.to_owned(), read })
    }

    /// Prices a request. Without a book, the tables' mistakes have been told.
    fn answer(self, words: &Catalogue, book: Option<&PriceBook<'_>>) -> Result<Answered, Vec<Diagnostic>> {
        let (kind, response) = match self.read {
            Read::Response(response) => (Kind::Response, *response),
            Read::Request(input) => {
                let asked = book.map(|book| wharfage_api::respond_in(words, &input.read.request, book));
                match asked {
                    Some(Ok(response)) if input.read.found.is_empty() => (Kind::Request, response),
                    asked => return Err(input.mistakes(asked.and_then(Result::err).unwrap_or_default())),
                }
            }
        };
        Ok(Answered { name: self.name, kind, response })
    }
}

/// The flags that requests take, as they were written: `--region seoul,tokyo`.
fn given(matches: &ArgMatches) -> Vec<String> {
    let fields = EstimateRequest::FIELDS.iter().map(|f| (f.name, f.kind)).chain([("prices", FieldKind::One)]);
    let given =
        |name: &str| matches.ids().any(|id| id == name) && matches.value_source(name) == Some(ValueSource::CommandLine);
    let written = |(name, kind): (&str, FieldKind)| match kind {
        FieldKind::Flag => input::flag(name),
        _ => {
            let values: Vec<&str> =
                matches.get_many::<String>(name).into_iter().flatten().map(String::as_str).collect();
            format!("{} {}", input::flag(name), values.join(","))
        }
    };
    fields.filter(|(name, _)| given(name)).map(written).collect()
}
