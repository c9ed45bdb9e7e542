//! `wharfage prices diff`: two days, editions or folders of tables, and what lies between them.

use std::path::Path;

use clap::ArgMatches;
use jiff::civil::Date;
use wharfage_api::{
    csv,
    prices::{self, Change, Filter, PricesDiffResponse, Reading, Side, TotalChange, TotalThen},
    response::to_json,
};
use wharfage_core::{Diagnostic, PriceBook, Text as Told, text, tr};

use super::{
    Text, on_flags,
    tables::{grid, rows, thousands},
    text, words, written,
};
use crate::{
    book::{self, Choice},
    input::{self, Texts},
    table::{
        Look,
        cells::{Column, Tone, paragraph},
        figures::bound,
    },
};

use Column::{Name, Number};

/// What the user named, read.
enum Named<'c> {
    /// the tables of `--prices` (or the built-in ones), on a day
    Day(&'c Choice, Date),
    /// other tables, on their own day
    Tables(Choice),
}

/// Runs `prices diff`.
pub fn run(matches: &ArgMatches, texts: &mut Texts) -> Text {
    let base = book::choose(text(matches, "prices"), texts)?;
    let [a, b] = ["before", "after"].map(|side| text(matches, side).unwrap_or_default());
    let (first, second) = match (named(a, &base, texts), named(b, &base, texts)) {
        (Ok(first), Ok(second)) => (first, second),
        (first, second) => return Err([first.err(), second.err()].into_iter().flatten().flatten().collect()),
    };
    let request = text(matches, "request").map(|path| input::from_file(path, texts)).transpose()?;
    let (book_a, book_b) = (first.book(), second.book());
    let (side_a, side_b) = (first.side(a, &book_a), second.side(b, &book_b));
    let words = words(matches);
    let given = Some(words.as_str()).filter(|w| !w.trim().is_empty());
    let filter = Filter { text: given, region: text(matches, "region"), as_of: None };
    let mut answer = prices::diff(&side_a, &side_b, &filter).map_err(on_flags)?;
    if let Some(request) = request {
        let totals = prices::totals(&request.read.request, &side_a, &side_b);
        answer.totals = match totals {
            Ok(totals) if request.read.found.is_empty() => totals,
            asked => return Err(request.mistakes(asked.err().unwrap_or_default())),
        };
    }
    Ok(written(matches, &answer, to_json, csv::diff, draw))
}

fn named<'c>(name: &str, base: &'c Choice, texts: &mut Texts) -> Result<Named<'c>, Vec<Diagnostic>> {
    if looks_like_a_day(name) && !Path::new(name).exists() {
        return prices::on_day(&base.book(), name).map(|day| Named::Day(base, day)).map_err(|d| vec![d]);
    }
    book::choose(Some(name), texts).map(Named::Tables)
}

/// `2026-…`
fn looks_like_a_day(name: &str) -> bool {
    name.split_once('-').is_some_and(|(year, _)| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()))
}

impl Named<'_> {
    fn book(&self) -> PriceBook<'_> {
        match self {
            Self::Day(choice, _) => choice.book(),
            Self::Tables(choice) => choice.book(),
        }
    }

    fn side<'s, 'b>(&self, name: &'s str, book: &'s PriceBook<'b>) -> Side<'s, 'b> {
        let day = match self {
            Self::Day(_, day) => *day,
            Self::Tables(_) => book.edition().date,
        };
        Side { name, book, day }
    }
}

/// Most figures that a page lists; more are counted by service.
const MOST: usize = 200;

fn draw(answer: &PricesDiffResponse, look: Look) -> String {
    let mut out = String::new();
    let (before, after) = (&answer.before.name, &answer.after.name);
    let title = text!("Prices in force: {before} → {after}", before, after);
    paragraph(&mut out, &look, Tone::Strong, "", &look.tell(&title));
    let c = answer.counts;
    let counts = text!(
        "{changed} changed, {added} added, {removed} removed, {same} the same; in {currency}",
        changed = thousands(c.changed),
        added = thousands(c.added),
        removed = thousands(c.removed),
        same = thousands(c.same),
        currency = &answer.currency,
    );
    paragraph(&mut out, &look, Tone::Quiet, "", &look.tell(&counts));
    if !answer.totals.is_empty() {
        out.push('\n');
        totals(&mut out, &answer.totals, look);
    }
    if answer.changes.len() > MOST {
        out.push('\n');
        services(&mut out, &answer.changes, look);
    } else if !answer.changes.is_empty() {
        out.push('\n');
        changes(&mut out, &answer.changes, look);
    }
    out
}

fn mark(change: &str) -> String {
    match change {
        "added" => "+",
        "removed" => "-",
        _ => "~",
    }
    .to_owned()
}

fn changes(out: &mut String, all: &[Change], look: Look) {
    let columns = [
        (Name, ""),
        (Name, tr!("key")),
        (Name, tr!("region")),
        (Number, tr!("before")),
        (Number, tr!("after")),
        (Name, tr!("per")),
        (Number, tr!("difference")),
        (Number, "%"),
    ];
    let mut rows = grid(look, columns);
    for c in all {
        let value = |r: &Option<Reading>| r.as_ref().map_or_else(String::new, |r| look.tell(&short(&r.value)));
        let per = c.after.as_ref().or(c.before.as_ref()).map_or("", |r| r.unit.as_str());
        let text = |t: &Option<String>| t.as_deref().map_or_else(String::new, signed);
        let cells = [
            mark(&c.change),
            c.key.clone(),
            c.region.clone(),
            value(&c.before),
            value(&c.after),
            per.to_owned(),
            text(&c.difference),
            text(&c.percent),
        ];
        rows.row(Tone::Plain, cells.to_vec());
    }
    rows.draw(out, &look);
}

/// A menu of many rows is counted.
fn short(value: &str) -> Told {
    match value.split(' ').count() {
        1 | 2 => Told::plain(value),
        n => rows(n),
    }
}

/// `+0.01`: what is more has a sign too.
fn signed(number: &str) -> String {
    if number.starts_with('-') { number.to_owned() } else { format!("+{number}") }
}

fn services(out: &mut String, all: &[Change], look: Look) {
    let columns = [(Name, tr!("service")), (Number, tr!("changed")), (Number, tr!("added")), (Number, tr!("removed"))];
    let mut rows = grid(look, columns);
    let service = |c: &Change| c.key.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
    let mut names: Vec<String> = all.iter().map(service).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let n = |what: &str| all.iter().filter(|c| c.change == what && service(c) == name).count();
        let cells = ["changed", "added", "removed"].map(|what| thousands(n(what)));
        rows.row(Tone::Plain, [name].into_iter().chain(cells).collect());
    }
    rows.draw(out, &look);
    out.push('\n');
    let hint = "Narrow it to see the figures: words of the key, or --region; --format json and csv have them all.";
    paragraph(out, &look, Tone::Quiet, "", look.say(hint));
}

fn totals(out: &mut String, all: &[TotalChange], look: Look) {
    let columns = [
        (Name, tr!("platform")),
        (Name, tr!("region")),
        (Name, tr!("purchase")),
        (Number, tr!("before")),
        (Number, tr!("after")),
        (Number, tr!("difference")),
        (Number, "%"),
    ];
    let mut rows = grid(look, columns);
    let known = |t: &&TotalChange| t.before.has_figure() || t.after.has_figure();
    for t in all.iter().filter(known) {
        let text = |t: &Option<String>| t.as_deref().map_or_else(String::new, signed);
        let cells = [
            t.platform.clone(),
            t.region.clone(),
            t.purchase(),
            look.say(&total(&t.before)).to_owned(),
            look.say(&total(&t.after)).to_owned(),
            text(&t.difference),
            text(&t.percent),
        ];
        rows.row(Tone::Plain, cells.to_vec());
    }
    rows.draw(out, &look);
    let others = all.len() - all.iter().filter(known).count();
    if others > 0 {
        let text = text!("and {n} without a price on either side", n = others);
        paragraph(out, &look, Tone::Quiet, "", &look.tell(&text));
    }
}

/// A total, a lower bound, or why there is none.
fn total(t: &TotalThen) -> String {
    bound(t.total.as_ref(), t.subtotal.as_ref()).unwrap_or_else(|| t.status.clone())
}
