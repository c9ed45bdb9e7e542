//! Reads an answer that was kept as JSON: one of this form's version, whole, and with numbers where numbers belong.

use std::ops::Range;

use jsonc_parser::{CollectOptions, ParseOptions, ast, common::Ranged};
use rust_decimal::Decimal;
use wharfage_core::{
    Diagnostic, Text,
    diagnostic::{line_column, quoted},
    platform::Platform,
    text,
};

use crate::{
    groups::groups,
    response::{EstimateResponse, SCHEMA},
};

/// Keys that answers have and requests have not.
const KEYS: [&str; 3] = ["estimates", "totals", "diagnostics"];

/// Is the text an answer (in JSON) rather than a request? Broken JSON is one if it speaks of estimates.
pub fn is_response(text: &str) -> bool {
    if !text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return false;
    }
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) => KEYS.iter().any(|key| value.get(key).is_some()),
        Err(_) => KEYS.iter().any(|key| text.contains(&format!("\"{key}\""))),
    }
}

/// The answer in a text.
///
/// # Errors
/// Where it is not JSON, of another version, not of an answer's form, or has a text where a number belongs.
pub fn response(name: &str, text: &str) -> Result<EstimateResponse, Diagnostic> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|e| syntax(name, text, &e))?;
    let place = |path: &[Step]| find(text, path).unwrap_or(0..0);
    if value.get("diagnostics").is_some() {
        let d = Diagnostic::error("response/refused", "these are the mistakes of a request, not an answer to it");
        let help = "correct the request, and keep what `wharfage estimate --format json` prints";
        return Err(d.at(name, place(&[Step::Key("diagnostics")]), "no answer").help(help));
    }
    let schema = value.get("schema");
    if schema.and_then(serde_json::Value::as_u64) != Some(SCHEMA.into()) {
        let says = schema.map_or_else(
            || "the answer does not say its version".into(),
            |s| text!("`{text}` is not a version of answers that this program reads", text = quoted(&s.to_string())),
        );
        let d = Diagnostic::error("response/schema", says);
        let help = text!("this program reads schema {schema}; make the answer again from its request", schema = SCHEMA);
        return Err(d.at(name, place(&[Step::Key("schema")]), "another version").help(help));
    }
    let answer: EstimateResponse = serde_json::from_str(text).map_err(|e| {
        // The parser's text ends in its place, which the label says.
        let says = e.to_string();
        let says = says.split(" at line ").next().unwrap_or_default();
        let d = Diagnostic::error("response/shape", text!("this is not an answer: {why}", why = Text::known(says)));
        d.at(name, offset(text, &e), "not as expected").help(MAKE)
    })?;
    match strange(&answer) {
        Some((path, says)) => {
            let d = Diagnostic::error("response/value", says);
            Err(d.at(name, place(&path), "not as a program writes it").help(MAKE))
        }
        None => Ok(answer),
    }
}

const MAKE: &str = "keep what `wharfage estimate --format json` or `wharfage compare --format json` prints, unedited";

fn syntax(name: &str, text: &str, e: &serde_json::Error) -> Diagnostic {
    let says = e.to_string();
    let says = says.split(" at line ").next().unwrap_or_default();
    let d = Diagnostic::error("response/syntax", text!("this is not JSON: {why}", why = Text::known(says)));
    d.at(name, offset(text, e), "not understood").help(MAKE)
}

/// Where the parser stopped. It counts lines and bytes from 1.
fn offset(text: &str, e: &serde_json::Error) -> Range<usize> {
    let line = text.split_inclusive('\n').take(e.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let mut at = (line + e.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    // At the end of a text there is no character to point at; its last one is near.
    let (_, column) = line_column(text, at);
    if at == text.len() && column == 1 && at > 0 { at - 1..at } else { at..at }
}

/// A step on the way to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Key(&'static str),
    Index(usize),
}

/// The bytes of the value at a path.
fn find(text: &str, path: &[Step]) -> Option<Range<usize>> {
    let parsed = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).ok()?;
    let root = parsed.value?;
    let mut value = &root;
    for step in path {
        value = match (step, value) {
            (Step::Key(key), ast::Value::Object(o)) => &o.properties.iter().find(|p| p.name.as_str() == *key)?.value,
            (Step::Index(n), ast::Value::Array(a)) => a.elements.get(*n)?,
            _ => return None,
        };
    }
    Some(value.range().start..value.range().end)
}

type Strange = Option<(Vec<Step>, Text)>;

/// The first value that no program wrote: texts where numbers belong, unknown platforms, estimates without a total.
fn strange(r: &EstimateResponse) -> Strange {
    use Step::{Index, Key};
    let totals = r.totals.iter().enumerate().find_map(|(n, t)| {
        let at = |key| vec![Key("totals"), Index(n), Key(key)];
        if Platform::from_id(&t.platform).is_none() {
            return Some((at("platform"), text!("`{platform}` is not a platform", platform = quoted(&t.platform))));
        }
        t.sums.each().into_iter().find_map(|(key, text)| no_money(text?, || at(key)))
    });
    let estimates = || {
        r.estimates.iter().enumerate().find_map(|(n, e)| {
            let at = |key| vec![Key("estimates"), Index(n), Key(key)];
            let figures = e.sums.each().into_iter().find_map(|(key, text)| no_money(text?, || at(key)));
            figures.or_else(|| lines(n, &e.lines))
        })
    };
    let together = || {
        let summed: usize = groups(r).iter().map(|g| g.estimates.len()).sum();
        let says = "its estimates are not those of its totals".into();
        (summed != r.estimates.len()).then(|| (vec![Key("totals")], says))
    };
    totals.or_else(estimates).or_else(together)
}

fn lines(estimate: usize, all: &[crate::response::LineOut]) -> Strange {
    use Step::{Index, Key};
    all.iter().enumerate().find_map(|(n, l)| {
        let at = |key| vec![Key("estimates"), Index(estimate), Key("lines"), Index(n), Key(key)];
        let money = [("cost", &l.cost), ("cost_rounded", &l.cost_rounded)];
        let numbers = [("priced", &l.priced), ("unit_price", &l.unit_price)];
        let money = money.into_iter().find_map(|(key, text)| no_money(text, || at(key)));
        let no_number = |(key, text): (&'static str, &String)| {
            let says = || text!("`{text}` is not a number", text = quoted(text));
            Decimal::from_str_exact(text).is_err().then(|| (at(key), says()))
        };
        money.or_else(|| numbers.into_iter().find_map(no_number))
    })
}

fn no_money(text: &str, at: impl FnOnce() -> Vec<Step>) -> Strange {
    let money = text.parse::<wharfage_core::Money>();
    money.is_err().then(|| (at(), text!("`{text}` is not an amount of money", text = quoted(text))))
}
