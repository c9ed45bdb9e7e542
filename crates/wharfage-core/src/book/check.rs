//! What a set of tables must satisfy before it is compiled: sources resolve, regions exist, units fit keys, dates do
//! not overlap, files are sorted.

use std::collections::{BTreeMap, BTreeSet};

use super::tables::{At, PriceRow, Tables};
use crate::{
    diagnostic::{Diagnostic, did_you_mean, one_of, quoted},
    quantity::{Kind, Unit},
    text,
    text::Text,
};

/// Every broken promise of `tables`, given what the tables below them (`base`) already define.
pub fn tables(tables: &Tables, base: Option<&dyn Known>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let own = Own::new(tables);
    ids(tables, &mut found);
    for row in &tables.prices {
        key_style(tables, &row.key, &row.at.key, &mut found);
        unit_fits(tables, row, &mut found);
        if !known_region(&own, base, &row.region) {
            found.push(unknown_region(tables, &row.region, &row.at.region, &own, base));
        }
    }
    for (source, basis, at) in cited(tables) {
        let user = basis == super::Basis::User;
        if !user && !own.sources.contains(source) && !base.is_some_and(|b| b.has_source(source)) {
            let help = did_you_mean(source, own.sources.iter().copied(), "add it to sources.toml");
            found.push(
                error(
                    tables,
                    "price/unknown-source",
                    at,
                    text!("unknown source `{source}`", source = quoted(source)),
                    "cited here",
                )
                .help(help),
            );
        }
    }
    series(tables, &mut found);
    sorted(tables, &mut found);
    found
}

/// What the tables underneath define. A user's tables lie over the built-in ones and may name their regions.
pub trait Known {
    /// Is it a region or scope there?
    fn has_region(&self, id: &str) -> bool;
    /// The ids of the regions that a name may mean: those it names, else those it is near to.
    fn regions_like(&self, name: &str) -> Vec<String>;
    /// Is it a source there?
    fn has_source(&self, id: &str) -> bool;
}

struct Own<'t> {
    regions: BTreeSet<&'t str>,
    sources: BTreeSet<&'t str>,
}

impl<'t> Own<'t> {
    fn new(t: &'t Tables) -> Self {
        Self {
            regions: t.regions.iter().map(|r| r.id.as_str()).chain(t.scopes.iter().map(String::as_str)).collect(),
            sources: t.sources.iter().map(|s| s.id.as_str()).collect(),
        }
    }
}

fn error(t: &Tables, code: &'static str, at: &At, message: Text, label: &'static str) -> Diagnostic {
    Diagnostic::error(code, message).at(&t.files[at.file], at.span.clone(), label)
}

fn cited(t: &Tables) -> impl Iterator<Item = (&str, super::Basis, &At)> {
    let prices = t.prices.iter().map(|r| &r.dated);
    let terms = t.terms.iter().map(|r| &r.dated);
    let shapes = t.shapes.iter().map(|r| (r.source.as_str(), r.basis, &r.at));
    prices.chain(terms).map(|d| (d.source.as_str(), d.basis, &d.at)).chain(shapes)
}

fn known_region(own: &Own<'_>, base: Option<&dyn Known>, id: &str) -> bool {
    id == "global" || own.regions.contains(id) || base.is_some_and(|b| b.has_region(id))
}

fn unknown_region(t: &Tables, id: &str, at: &At, own: &Own<'_>, base: Option<&dyn Known>) -> Diagnostic {
    let below = base.map_or_else(Vec::new, |b| b.regions_like(id));
    let help = match below.as_slice() {
        [] => did_you_mean(
            id,
            own.regions.iter().copied(),
            "regions are named by the provider's id, such as ap-northeast-2",
        ),
        ids => one_of(ids),
    };
    error(t, "price/unknown-region", at, text!("unknown region `{id}`", id = quoted(id)), "not a region").help(help)
}

fn ids(t: &Tables, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for s in &t.sources {
        if !seen.insert(&s.id) {
            found.push(
                error(t, "source/duplicate", &s.at, text!("source `{id}` is defined twice", id = &s.id), "again here")
                    .help("keep one"),
            );
        }
    }
    let mut names: BTreeMap<(String, &str), &str> = BTreeMap::new();
    for r in &t.regions {
        let mut own = BTreeSet::new();
        let all = [&r.id, &r.city, &r.city_ko].into_iter().chain(&r.aliases);
        for name in all.map(|n| n.to_lowercase()).filter(|n| own.insert(n.clone())) {
            if let Some(other) = names.insert((name.clone(), &r.provider), &r.id) {
                let message = text!("`{name}` names both {other} and {id}", name, other, id = &r.id);
                found.push(
                    error(t, "region/ambiguous", &r.at, message, "again here")
                        .help("a name means one region of a provider"),
                );
            }
        }
    }
}

fn key_style(t: &Tables, key: &str, at: &At, found: &mut Vec<Diagnostic>) {
    let ok = key.split('/').count() == 3
        && key.split('/').all(|p| !p.is_empty())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"/.-@".contains(&b));
    if !ok {
        let help = "a key is provider/service/meter, such as aws/fargate/linux-x86.vcpu";
        found.push(error(t, "price/key", at, text!("`{key}` is not a key", key = quoted(key)), "not a key").help(help));
    }
}

/// The kinds of unit a key's last words allow; `None`: any.
fn kinds_for(key: &str) -> Option<&'static [Kind]> {
    let meter = key.rsplit('/').next().unwrap_or(key);
    let meter = meter.split('@').next().unwrap_or(meter);
    if key.contains("discount") || key.contains("ratio") || key.contains("commitment/") || meter.contains("spot-saving")
    {
        return Some(&[Kind::Fraction]);
    }
    if key.contains("/credit") {
        return Some(&[Kind::Credit]);
    }
    if key.starts_with("gcp/functions") || meter.contains("disk") {
        return None;
    }
    let words: Vec<&str> = meter.split('.').collect();
    let is = |w: &str| words.contains(&w);
    if is("vcpu") || is("cpu") || is("os") {
        Some(&[Kind::VcpuTime])
    } else if is("memory") || is("ephemeral") {
        Some(&[Kind::MemoryTime])
    } else if is("gpu") || is("gpu-zonal") {
        Some(&[Kind::GpuTime])
    } else if key.ends_with("/requests") {
        Some(&[Kind::Requests])
    } else if key.starts_with("aws/ec2/")
        || key == "aws/eks/cluster"
        || key == "gcp/gke/cluster"
        || key.ends_with("/hour")
    {
        Some(&[Kind::ThingTime])
    } else {
        None
    }
}

fn unit_fits(t: &Tables, row: &PriceRow, found: &mut Vec<Diagnostic>) {
    let Some(kinds) = kinds_for(&row.key) else { return };
    if !kinds.contains(&row.unit.kind()) {
        let fits: Vec<&str> = Unit::ALL.iter().filter(|u| kinds.contains(&u.kind())).map(|u| u.label()).collect();
        let message = text!("`{key}` can't be priced by {unit}", key = quoted(&row.key), unit = row.unit.label());
        let help = text!("units that fit: {fits}", fits = fits.join(", "));
        found.push(error(t, "price/unit-mismatch", &row.at.unit, message, "another kind of quantity").help(help));
    }
}

fn series(t: &Tables, found: &mut Vec<Diagnostic>) {
    let mut all: BTreeMap<(&str, &str), Vec<&PriceRow>> = BTreeMap::new();
    for row in &t.prices {
        all.entry((&row.key, &row.region)).or_default().push(row);
    }
    for ((key, region), mut rows) in all {
        rows.sort_by_key(|r| r.dated.from);
        for pair in rows.windows(2) {
            let [a, b] = pair else { continue };
            let (a_until, b_from) = (a.dated.until, b.dated.from);
            if a.dated.from == b_from {
                let message = text!("`{key}` in {region} has two prices from the same day", key, region);
                let help = "keep one, or say from which day each holds";
                found.push(error(t, "price/overlap", &b.dated.at, message, "again here").help(help));
            } else if a_until.is_some() && a_until > b_from {
                let message = text!("`{key}` in {region}: a price runs past the start of the next", key, region);
                let help = text!(
                    "`until` is the first day on which it no longer holds: {day} or earlier",
                    day = b_from.map_or_else(String::new, |d| d.to_string())
                );
                found.push(error(t, "price/overlap", &a.dated.at, message, "runs too long").help(help));
            }
            if a.unit != b.unit {
                let message = text!(
                    "`{key}` in {region} changes its unit from {unit} to {other}",
                    key,
                    region,
                    unit = a.unit.label(),
                    other = b.unit.label()
                );
                let help = "state all its prices in one unit";
                found.push(error(t, "price/unit-mismatch", &b.at.unit, message, "another unit").help(help));
            }
        }
    }
}

fn sorted(t: &Tables, found: &mut Vec<Diagnostic>) {
    for pair in t.prices.windows(2) {
        let [a, b] = pair else { continue };
        let order = |r: &PriceRow| (r.key.clone(), r.region.clone(), r.dated.from);
        let user = b.dated.basis == super::Basis::User;
        if a.dated.at.file == b.dated.at.file && !user && order(a) > order(b) {
            let message = text!("`{key}` in {region} is out of order", key = &b.key, region = &b.region);
            let d = error(t, "table/unsorted", &b.dated.at, message, "sorts before the row above");
            found.push(d.help("keep rows sorted by key, region and day, so that a price change is a small diff"));
        }
    }
}
