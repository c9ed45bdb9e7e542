//! The prices in force on a day, and the names of regions.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wharfage_core::{
    PriceBook,
    book::{Price, Region, Why},
    diagnostic::{Diagnostic, did_you_mean, quoted},
    pricing::Place,
    text,
};

use super::{Filter, both, day, named, regions_for, scopes, seen, tables};
use crate::response::{Prices, SCHEMA};

/// What the tables hold on a day: figures where the question was narrow, services where it was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListResponse {
    /// version of this form: 1
    pub schema: u32,
    /// the tables, and the day asked for
    pub prices: Prices,
    /// `USD`: the currency of every table
    pub currency: String,
    /// an overview, where neither a text nor a region narrowed the question
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    /// the figures in force, by key and region
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// how many more (key, region) pairs have figures, but on other days only
    pub other_days: usize,
}

/// All figures of one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Service {
    /// what its keys begin with: `aws/fargate`
    pub service: String,
    /// keys with a price in force
    pub keys: usize,
    /// regions and scopes with a price in force
    pub regions: usize,
    /// prices in force
    pub figures: usize,
    /// the last day one of them was seen
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<String>,
}

/// A price in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// `provider/service/meter`
    pub key: String,
    /// the region or scope it is listed under
    pub region: String,
    /// dollars per `unit`, with the source's own digits
    pub price: String,
    /// what it is per
    pub unit: String,
    /// `published`, `observed`, `derived`, `recalled` or `user`
    pub basis: String,
    /// first day it was in force or seen; absent where it holds from the beginning
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// last day somebody saw it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<String>,
    /// a caveat
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How regions are named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegionsResponse {
    /// version of this form: 1
    pub schema: u32,
    /// the tables
    pub prices: Prices,
    /// in the tables' order
    pub regions: Vec<RegionOut>,
}

/// A region and every name it answers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegionOut {
    /// `ap-northeast-2`
    pub id: String,
    /// `aws` or `gcp`
    pub provider: String,
    /// English city
    pub city: String,
    /// Korean city
    pub city_ko: String,
    /// other names, lower case
    pub aliases: Vec<String>,
    /// Cloud Run's price tier
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// a caveat
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The prices in force on a day.
///
/// With a region, those an estimate there would use: its own, else those of the scopes around it (a tier, `global`).
/// Without text or region the answer is an overview by service.
///
/// # Errors
/// A region, a day or a text that the tables do not know.
pub fn list(book: &PriceBook<'_>, filter: &Filter<'_>) -> Result<ListResponse, Vec<Diagnostic>> {
    let (day, place) = both(day(book, filter.as_of), named(book, filter.region))?;
    let words = filter.words();
    let series = wanted(book, &words)?;
    let (mut found, mut other_days) = (Vec::new(), 0);
    for of_key in series.chunk_by(|a, b| a.0 == b.0) {
        for (key, regions) in lookups(of_key, place.as_ref()) {
            match book.price(key, &regions, day) {
                Ok(price) => found.push(price),
                Err(missing) if missing.why == Why::Absent => {}
                Err(_) => other_days += 1,
            }
        }
    }
    let overview = words.is_empty() && place.is_none();
    Ok(ListResponse {
        schema: SCHEMA,
        prices: tables(book, day),
        currency: "USD".to_owned(),
        services: if overview { services(&found) } else { Vec::new() },
        figures: if overview { Vec::new() } else { found.iter().map(figure).collect() },
        other_days,
    })
}

/// The (key, region) pairs whose key has all words.
fn wanted<'b>(book: &PriceBook<'b>, words: &[String]) -> Result<Vec<(&'b str, &'b str)>, Vec<Diagnostic>> {
    let all = book.series();
    let has_all = |key: &str| {
        let key = key.to_lowercase();
        words.iter().all(|w| key.contains(w))
    };
    let kept: Vec<_> = all.iter().copied().filter(|(key, _)| has_all(key)).collect();
    if kept.is_empty() { Err(vec![no_key(&all, words)]) } else { Ok(kept) }
}

pub(super) fn no_key(all: &[(&str, &str)], words: &[String]) -> Diagnostic {
    let message = text!("no key contains `{text}`", text = quoted(&words.join(" ")));
    let known: BTreeSet<&str> =
        all.iter().flat_map(|(key, _)| key.split(|c: char| !c.is_alphanumeric() && c != '-')).collect();
    let stray = words.iter().find(|w| !all.iter().any(|(key, _)| key.to_lowercase().contains(*w)));
    let help = "`wharfage prices list` groups the keys by service; `prices show` takes terms too";
    Diagnostic::error("prices/no-match", message).help(match stray {
        Some(word) => did_you_mean(word, known, help),
        None => help.into(),
    })
}

type Lookup<'b> = (&'b str, Vec<&'b str>);

/// Where to look for a key: under each of its regions, or as an estimate in one place would.
fn lookups<'b>(of_key: &[(&'b str, &'b str)], place: Option<&Place<'b>>) -> Vec<Lookup<'b>> {
    let Some(place) = place else { return of_key.iter().map(|(key, region)| (*key, vec![*region])).collect() };
    let Some((key, _)) = of_key.first() else { return Vec::new() };
    regions_for(place, key).map(|r| (*key, scopes(&r))).collect()
}

fn figure(p: &Price<'_>) -> Figure {
    let text = |d: Option<Date>| d.map(|d| d.to_string());
    Figure {
        key: p.key.to_owned(),
        region: p.region.to_owned(),
        price: p.amount.to_string(),
        unit: p.unit.label().to_owned(),
        basis: p.basis.label().to_owned(),
        valid_from: text(p.valid_from),
        confirmed: text(p.confirmed),
        note: p.note.map(str::to_owned),
    }
}

/// `aws/fargate` of `aws/fargate/linux-x86.vcpu`.
fn service_of(key: &str) -> &str {
    key.match_indices('/').nth(1).map_or(key, |(at, _)| &key[..at])
}

fn services(found: &[Price<'_>]) -> Vec<Service> {
    let by_service = found.chunk_by(|a, b| service_of(a.key) == service_of(b.key));
    let distinct = |of: &mut dyn Iterator<Item = &str>| of.map(str::to_owned).collect::<BTreeSet<_>>().len();
    by_service
        .map(|all| Service {
            service: all.first().map_or("", |p| service_of(p.key)).to_owned(),
            keys: distinct(&mut all.iter().map(|p| p.key)),
            regions: distinct(&mut all.iter().map(|p| p.region)),
            figures: all.len(),
            newest: all.iter().filter_map(seen).max().map(|d| d.to_string()),
        })
        .collect()
}

/// The regions whose names have all words of the text, or all of them.
///
/// # Errors
/// A region that the tables do not know, or a text that no region's names have.
pub fn regions(book: &PriceBook<'_>, filter: &Filter<'_>) -> Result<RegionsResponse, Vec<Diagnostic>> {
    let (day, place) = both(day(book, filter.as_of), named(book, filter.region))?;
    let words = filter.words();
    let fits = |r: &Region<'_>| {
        let names: Vec<String> = r.names().chain([r.provider]).map(str::to_lowercase).collect();
        words.iter().all(|w| names.iter().any(|n| n.contains(w)))
    };
    let there = |r: &Region<'_>| {
        place.as_ref().is_none_or(|p| [p.aws, p.gcp].into_iter().flatten().any(|other| other.id == r.id))
    };
    let regions: Vec<RegionOut> = book.regions().filter(|r| fits(r) && there(r)).map(|r| region(&r)).collect();
    if regions.is_empty() {
        let names: Vec<&str> = book.regions().flat_map(|r| r.names().collect::<Vec<_>>()).collect();
        let text = words.join(" ");
        let help = did_you_mean(&text, names, "`wharfage prices list --regions` has every id, city and alias");
        return Err(vec![
            Diagnostic::error("prices/no-match", text!("no region's names contain `{text}`", text = quoted(&text)))
                .help(help),
        ]);
    }
    Ok(RegionsResponse { schema: SCHEMA, prices: tables(book, day), regions })
}

fn region(r: &Region<'_>) -> RegionOut {
    RegionOut {
        id: r.id.to_owned(),
        provider: r.provider.to_owned(),
        city: r.city.to_owned(),
        city_ko: r.city_ko.to_owned(),
        aliases: r.aliases().map(str::to_owned).collect(),
        tier: r.tier.map(str::to_owned),
        note: r.note.map(str::to_owned),
    }
}
