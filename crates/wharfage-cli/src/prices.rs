//! `wharfage prices`: what the tables hold.

mod tables;

use clap::ArgMatches;
use wharfage_api::{
    prices::{self, CoverageTexts, Filter},
    response::to_json,
};
use wharfage_core::{Diagnostic, PriceBook};

use crate::{Exit, book, input, input::Texts, run::Answer, table::Look};

/// Runs `prices list`, `show` or `coverage`.
pub fn run(matches: &ArgMatches, texts: &mut Texts) -> Answer {
    let Some((name, sub)) = matches.subcommand() else { return Ok((String::new(), Exit::BadInput)) };
    let choice = book::choose(text(sub, "prices"), texts)?;
    let answer = match name {
        "list" => list(sub, &choice.book()),
        "show" => show(sub, &choice.book()),
        _ => coverage(sub, &choice.book()),
    };
    answer.map(|text| (text, Exit::Done)).map_err(|mut found| {
        input::name_flags(&mut found);
        found
    })
}

type Text = Result<String, Vec<Diagnostic>>;

fn text<'m>(matches: &'m ArgMatches, name: &str) -> Option<&'m str> {
    matches.get_one::<String>(name).map(String::as_str)
}

fn json(matches: &ArgMatches) -> bool {
    text(matches, "format") == Some("json")
}

fn list(matches: &ArgMatches, book: &PriceBook<'_>) -> Text {
    let words: Vec<&str> = matches.get_many::<String>("pattern").into_iter().flatten().map(String::as_str).collect();
    let words = words.join(" ");
    let given = Some(words.as_str()).filter(|w| !w.trim().is_empty());
    let filter = Filter { text: given, region: text(matches, "region"), as_of: text(matches, "as_of") };
    let look = Look::new(matches);
    if matches.get_flag("regions") {
        let answer = prices::regions(book, &filter)?;
        return Ok(if json(matches) { to_json(&answer) } else { tables::regions(&answer, look) });
    }
    let answer = prices::list(book, &filter)?;
    Ok(if json(matches) { to_json(&answer) } else { tables::list(&answer, look) })
}

fn show(matches: &ArgMatches, book: &PriceBook<'_>) -> Text {
    let key = text(matches, "key").unwrap_or_default();
    let answer = prices::show(book, key, text(matches, "region"))?;
    Ok(if json(matches) { to_json(&answer) } else { tables::show(&answer, Look::new(matches)) })
}

fn coverage(matches: &ArgMatches, book: &PriceBook<'_>) -> Text {
    let texts = CoverageTexts { accounting: wharfage_prices::ACCOUNTING, data_only: wharfage_prices::COVERAGE };
    let answer = prices::coverage(book, &texts)?;
    Ok(if json(matches) { to_json(&answer) } else { tables::coverage(&answer, Look::new(matches)) })
}
