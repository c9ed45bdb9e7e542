//! One key: every region and every dated value of a price or a term, and the shape of a machine.

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wharfage_core::{
    PriceBook,
    book::{Price, Shape, Source},
    diagnostic::{Diagnostic, nearest, quoted},
    text,
    text::Text,
    tr,
};

use super::{diff::percent, named, tables, term_rows};
use crate::response::{Prices, SCHEMA};

/// Everything the tables hold on one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShowResponse {
    /// version of this form: 1
    pub schema: u32,
    /// the tables, and their day
    pub prices: Prices,
    /// the key
    pub key: String,
    /// `price` (USD), `term` (a threshold or a menu) or `shape` (a machine without a price)
    pub kind: String,
    /// of the machine type the key names
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<ShapeOut>,
    /// by region
    pub regions: Vec<Series>,
}

/// A machine type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShapeOut {
    /// `m5.large`
    pub name: String,
    /// vCPU the guest sees
    pub vcpu: String,
    /// nominal memory
    pub memory_gib: String,
    /// `x86`, `arm` or empty
    pub arch: String,
    /// the accelerator's name, where it has one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu: Option<String>,
    /// how many; absent where unknown
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_count: Option<String>,
    /// short id of its source
    pub source_id: String,
    /// where it is from
    pub source: String,
}

/// The values of a key in one region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// region or scope
    pub region: String,
    /// oldest first
    pub values: Vec<Held>,
}

/// A value and the days it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Held {
    /// first day in force, or seen; absent: from the beginning
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// first day no longer in force; absent: still in force
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// is it the one in force on the tables' day
    pub in_force: bool,
    /// dollars per `unit`; a term has `rows` instead
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    /// how much more a price is than the reading before, in percent, where they differ
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<String>,
    /// a term's numbers: one row of one number, or a menu
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Vec<String>>,
    /// what the numbers are
    pub unit: String,
    /// `published`, `observed`, `derived`, `recalled` or `user`
    pub basis: String,
    /// last day somebody saw it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<String>,
    /// short id of its source
    pub source_id: String,
    /// where it is from
    pub source: String,
    /// where it can be read
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// a caveat
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Everything on one key, in all regions or in one place (with the scopes around it).
///
/// # Errors
/// A key or a region that the tables do not know; the nearest are named.
pub fn show(book: &PriceBook<'_>, key: &str, region: Option<&str>) -> Result<ShowResponse, Vec<Diagnostic>> {
    let key = key.trim();
    let place = named(book, region).map_err(|d| vec![d])?;
    let day = book.edition().date;
    let of_key = |all: Vec<(&'_ str, &'_ str)>| -> Vec<String> {
        all.into_iter().filter(|(k, _)| *k == key).map(|(_, region)| region.to_owned()).collect()
    };
    let (prices, terms) = (of_key(book.series()), of_key(book.term_series()));
    let shape = shape_of(book, key);
    let (kind, everywhere) = match (prices.is_empty(), terms.is_empty()) {
        (false, _) => ("price", prices),
        (true, false) => ("term", terms),
        (true, true) if shape.is_some() && is_machine(key) => ("shape", Vec::new()),
        (true, true) => return Err(vec![unknown(book, key)]),
    };
    let there = |region: &&str| place.as_ref().is_none_or(|p| super::in_place(region, key, p));
    let kept: Vec<&str> = everywhere.iter().map(String::as_str).filter(there).collect();
    if let (Some(place), true, false) = (&place, kept.is_empty(), everywhere.is_empty()) {
        return Err(vec![not_there(key, &place.name, &everywhere)]);
    }
    let values =
        |region: &str| if kind == "price" { prices_of(book, key, region) } else { terms_of(book, key, region) };
    Ok(ShowResponse {
        schema: SCHEMA,
        prices: tables(book, day),
        key: key.to_owned(),
        kind: kind.to_owned(),
        shape: shape.map(|s| shape_out(book, &s)),
        regions: kept.iter().map(|r| Series { region: (*r).to_owned(), values: values(r) }).collect(),
    })
}

fn not_there(key: &str, place: &str, everywhere: &[String]) -> Diagnostic {
    let some: Vec<&str> = everywhere.iter().take(5).map(String::as_str).collect();
    let more = if everywhere.len() > some.len() { ", …" } else { "" };
    let message = text!("the tables have no `{key}` in {place}", key, place = quoted(place));
    let (n, some) = (everywhere.len(), some.join(", ") + more);
    let help = text!("they have it in {n} of their regions: {some}", n, some);
    Diagnostic::error("prices/no-region", message).on("region", tr!("here")).help(help)
}

fn prices_of(book: &PriceBook<'_>, key: &str, region: &str) -> Vec<Held> {
    let current = book.price(key, &[region], book.edition().date).ok();
    let all = book.history(key, region);
    let held = |(n, (p, until)): (usize, &(Price<'_>, Option<Date>))| {
        // A later row of the same table ends this one, if nothing did before.
        let next = all.get(n + 1).filter(|(next, _)| next.origin == p.origin).and_then(|(next, _)| next.valid_from);
        let until = [*until, next].into_iter().flatten().min();
        let in_force = current.is_some_and(|c| (c.origin, c.valid_from) == (p.origin, p.valid_from));
        let earlier = n.checked_sub(1).and_then(|n| all.get(n)).map(|(earlier, _)| earlier);
        let earlier = earlier.filter(|e| (e.origin, e.unit) == (p.origin, p.unit) && e.amount != p.amount);
        Held {
            price: Some(p.amount.to_string()),
            percent: earlier.and_then(|e| percent(&e.amount.to_string(), &p.amount.to_string())),
            note: p.note.map(str::to_owned),
            ..value([p.valid_from, until, p.confirmed], in_force, p.unit.label(), p.basis.label(), &p.source)
        }
    };
    all.iter().enumerate().map(held).collect()
}

fn terms_of(book: &PriceBook<'_>, key: &str, region: &str) -> Vec<Held> {
    let day = book.edition().date;
    let all = book.term_history(key, region);
    let holds = |n: &usize| all[*n].from.is_none_or(|d| d <= day) && all[*n].until.is_none_or(|d| day < d);
    let current = (0..all.len()).rev().find(holds);
    let held = |(n, span): (usize, &wharfage_core::book::TermSpan<'_>)| {
        let t = &span.term;
        let days = [span.from, span.until, span.confirmed];
        Held {
            rows: term_rows(t),
            note: t.note.map(str::to_owned),
            ..value(days, current == Some(n), t.unit, t.basis.label(), &t.source)
        }
    };
    all.iter().enumerate().map(held).collect()
}

fn value(days: [Option<Date>; 3], in_force: bool, unit: &str, basis: &str, source: &Source<'_>) -> Held {
    let [from, until, confirmed] = days.map(|d| d.map(|d| d.to_string()));
    Held {
        from,
        until,
        in_force,
        price: None,
        percent: None,
        rows: Vec::new(),
        unit: unit.to_owned(),
        basis: basis.to_owned(),
        confirmed,
        source_id: source.id.to_owned(),
        source: source.title.to_owned(),
        url: source.url.map(str::to_owned),
        note: None,
    }
}

/// `aws/ec2/` and `gcp/compute-engine/`: keys that are machine types.
fn is_machine(key: &str) -> bool {
    ["aws/ec2/", "gcp/compute-engine/"].iter().any(|start| key.starts_with(start))
}

/// The machine type a key names, at its end or with a suffix: `aws/eks/auto.m5.large`, `gcp/compute-engine/e2-medium.spot`.
fn shape_of<'b>(book: &PriceBook<'b>, key: &str) -> Option<Shape<'b>> {
    let mut parts = key.splitn(3, '/');
    let (provider, _, meter) = (parts.next()?, parts.next()?, parts.next()?);
    let words: Vec<&str> = meter.split('.').collect();
    let pairs = words.windows(2).map(|w| w.join("."));
    let singles = words.iter().map(|w| (*w).to_owned());
    pairs.chain(singles).find_map(|name| book.shape(provider, &name))
}

fn shape_out(book: &PriceBook<'_>, s: &Shape<'_>) -> ShapeOut {
    let title = book.sources().find(|source| source.id == s.source).map_or("", |source| source.title);
    let count = s.gpu_milli.filter(|n| *n > 0 || !s.gpu.is_empty());
    ShapeOut {
        name: s.name.to_owned(),
        vcpu: s.vcpu.as_vcpu().to_string(),
        memory_gib: s.memory.as_gib().to_string(),
        arch: s.arch.to_owned(),
        gpu: Some(s.gpu).filter(|g| !g.is_empty()).map(str::to_owned),
        gpu_count: count.map(|n| Decimal::new(i64::try_from(n).unwrap_or(i64::MAX), 3).normalize().to_string()),
        source_id: s.source.to_owned(),
        source: title.to_owned(),
    }
}

/// Most keys that a message names.
const SUGGESTED: usize = 5;

fn unknown(book: &PriceBook<'_>, key: &str) -> Diagnostic {
    let mut keys: Vec<&str> = book.series().into_iter().chain(book.term_series()).map(|(k, _)| k).collect();
    keys.sort_unstable();
    keys.dedup();
    let help = match nearest(key, keys.iter().copied()) {
        Some(near) => text!("did you mean `{name}`?", name = near),
        None => with_words(key, &keys),
    };
    Diagnostic::error("prices/unknown-key", text!("`{key}` is neither a price's key nor a term's", key = quoted(key)))
        .help(help)
}

/// The keys that have every word of what was asked for.
fn with_words(asked: &str, keys: &[&str]) -> Text {
    let asked = asked.to_lowercase();
    let words: Vec<&str> = asked.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let has_all = |key: &&&str| words.iter().all(|w| key.to_lowercase().contains(w));
    let found: Vec<&str> = keys.iter().filter(has_all).copied().collect();
    if words.is_empty() || found.is_empty() {
        return "`wharfage prices list TEXT` finds keys".into();
    }
    let some: Vec<String> = found.iter().take(SUGGESTED).map(|k| format!("`{k}`")).collect();
    let some = some.join(", ");
    match found.len().saturating_sub(SUGGESTED) {
        0 => text!("keys like it: {some}", some),
        n => text!("keys like it: {some} and {n} more", some, n),
    }
}
