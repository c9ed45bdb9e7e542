//! `docs/prices.md`: which platform has its prices where, how old they are and how they are known.
//!
//! Made of the answer that `wharfage prices coverage` draws.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use wharfage_api::prices::{self, CoverageResponse, CoverageTexts, Filter, PlatformCoverage, RegionCoverage};
use wharfage_core::{PriceBook, platform::Platform};

use crate::markdown::{GENERATED, count, table, thousands};

/// The page.
pub fn page() -> String {
    let book = wharfage_prices::book();
    let texts = CoverageTexts { accounting: wharfage_prices::ACCOUNTING, data_only: wharfage_prices::COVERAGE };
    let answer = prices::coverage(&book, &texts).unwrap();
    [
        GENERATED.to_owned(),
        intro(&answer),
        by_platform(&answer),
        by_region(&book, &answer),
        what_is_missing(&answer),
        by_service(&book),
        without_lines(&answer),
        accounting(&answer),
    ]
    .concat()
}

fn intro(a: &CoverageResponse) -> String {
    let (f, k) = (&a.figures, &a.keys);
    format!(
        "# Prices\n\n\
         The price book of {}, as `wharfage prices coverage` has it: {} are in force. Lines of estimates cite {}; {} are kept as data \
         only. {} from memory (*recalled*) and {} worked out exactly from others (*derived*); the rest was read on a page or in a \
         price list, the newest on {}. {} last confirmed more than 90 days before the edition.\n\n\
         No price is ever borrowed from another region, and none is guessed: what is missing here is said to be missing by every \
         estimate that would need it.\n\n",
        a.prices.as_of,
        count(f.count, "price"),
        count(k.cited, "key"),
        thousands(k.data_only),
        were(f.recalled),
        were(f.derived),
        f.newest.as_deref().unwrap_or("-"),
        were(f.old),
    )
}

/// `1 is`, `2 are`
fn were(n: usize) -> String {
    format!("{} {}", thousands(n), if n == 1 { "is" } else { "are" })
}

fn by_platform(a: &CoverageResponse) -> String {
    let row = |p: &PlatformCoverage| {
        let sum = |of: fn(&RegionCoverage) -> usize| p.regions.iter().map(of).sum::<usize>().to_string();
        let age = p.regions.iter().filter_map(|r| r.figures.newest_age_days).min();
        [
            format!("`{}`", p.platform),
            p.purchase.clone(),
            p.complete.to_string(),
            p.partial.to_string(),
            p.absent.to_string(),
            age.map_or("-".to_owned(), |days| days.to_string()),
            sum(|r| r.figures.recalled),
            sum(|r| r.figures.derived),
            sum(|r| r.figures.old),
        ]
    };
    let heads = ["Platform", "Bought", "Complete", "Partial", "Absent", "Days", "Recalled", "Derived", "Old"];
    let rows: Vec<_> = a.platforms.iter().map(row).collect();
    format!(
        "## By platform\n\n\
         A standard Linux workload is priced on every platform in every region. *Complete*: regions where everything has a price; \
         *partial*: compute has, something beside it has not; *absent*: no price, or not offered. *Days*: from the newest reading \
         to the edition. The last three columns count figures that the lines of all regions cite.\n\n{}\n",
        table(heads, &rows)
    )
}

/// Regions down, platforms across, for on-demand prices.
fn by_region(book: &PriceBook<'_>, a: &CoverageResponse) -> String {
    let mut text = "## By region, on demand\n\n● complete, ◐ partial, · absent\n\n".to_owned();
    for (provider, name) in [("aws", "AWS"), ("gcp", "Google Cloud")] {
        let on = |p: &&PlatformCoverage| {
            let platform = Platform::from_id(&p.platform).map(Platform::provider);
            p.purchase == "on-demand" && platform == Some(provider)
        };
        let platforms: Vec<&PlatformCoverage> = a.platforms.iter().filter(on).collect();
        let heads: Vec<String> = platforms.iter().map(|p| format!("`{}`", p.platform)).collect();
        let _ = writeln!(text, "| {name} | City | {} |", heads.join(" | "));
        let _ = writeln!(text, "|{}", " --- |".repeat(heads.len() + 2));
        for region in book.regions().filter(|r| r.provider == provider) {
            let mark = |p: &&PlatformCoverage| {
                let state = p.regions.iter().find(|r| r.region == region.id).map(|r| r.state.as_str());
                match state {
                    Some("complete") => "●",
                    Some("partial") => "◐",
                    _ => "·",
                }
            };
            let marks: Vec<&str> = platforms.iter().map(mark).collect();
            let _ = writeln!(text, "| `{}` | {}, {} | {} |", region.id, region.city, region.city_ko, marks.join(" | "));
        }
        text.push('\n');
    }
    text
}

/// Keys without a price, and reasons, on demand.
fn what_is_missing(a: &CoverageResponse) -> String {
    let mut rows = Vec::new();
    for p in a.platforms.iter().filter(|p| p.purchase == "on-demand") {
        let mut lacks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for r in &p.regions {
            for what in r.missing.iter().chain(&r.reasons) {
                lacks.entry(what).or_default().push(&r.region);
            }
        }
        rows.extend(lacks.into_iter().map(|(what, regions)| {
            let total = format!("{} of {}", regions.len(), p.regions.len());
            let named = if regions.len() == p.regions.len() { "all".to_owned() } else { regions.join(", ") };
            [format!("`{}`", p.platform), format!("`{what}`"), total, named]
        }));
    }
    let heads = ["Platform", "Key, or reason", "Regions", "Which"];
    format!("## What is missing, on demand\n\n{}\n", table(heads, &rows))
}

fn by_service(book: &PriceBook<'_>) -> String {
    let overview = prices::list(book, &Filter::default()).unwrap();
    let mut bases: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    for (key, region) in book.series() {
        if let Ok(price) = book.price(key, &[region], book.edition().date) {
            let service = key.split('/').take(2).collect::<Vec<_>>().join("/");
            *bases.entry(service).or_default().entry(price.basis.label()).or_default() += 1;
        }
    }
    let labels = ["published", "observed", "derived", "recalled"];
    let known: BTreeSet<&str> = bases.values().flat_map(|b| b.keys().copied()).collect();
    assert!(known.iter().all(|b| labels.contains(b)), "{known:?}");
    let row = |s: &prices::Service| {
        let counted = labels.map(|b| bases[&s.service].get(b).map_or("-".to_owned(), ToString::to_string));
        let [published, observed, derived, recalled] = counted;
        let newest = s.newest.clone().unwrap_or_else(|| "-".to_owned());
        let counts = [s.keys, s.regions, s.figures].map(|n| n.to_string());
        let [keys, regions, figures] = counts;
        [format!("`{}`", s.service), keys, regions, figures, published, observed, derived, recalled, newest]
    };
    let heads = ["Service", "Keys", "Regions", "Prices", "Published", "Observed", "Derived", "Recalled", "Newest"];
    let rows: Vec<_> = overview.services.iter().map(row).collect();
    format!(
        "## By service\n\nHow the prices in force are known: the provider stated the day (*published*), somebody saw them (*observed*), \
         exact arithmetic (*derived*), memory (*recalled*).\n\n{}\n",
        table(heads, &rows)
    )
}

fn without_lines(a: &CoverageResponse) -> String {
    let keys = |all: &[String]| all.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
    let rows: Vec<_> = a
        .data_only
        .iter()
        .map(|d| [keys(&d.keys), d.count.to_string(), d.reason.clone(), d.until.clone().unwrap_or_default()])
        .collect();
    format!("## Kept, but cited by no line\n\n{}\n", table(["Keys", "Count", "Why", "Comes with"], &rows))
}

fn accounting(a: &CoverageResponse) -> String {
    let f = &a.accounting;
    let row = |name: &str, n: [u64; 5]| {
        let [rows, kept, merged, superseded, left_out] = n.map(|n| n.to_string());
        [name.to_owned(), rows, kept, merged, superseded, left_out]
    };
    let mut rows: Vec<_> = f
        .files
        .iter()
        .map(|f| row(&format!("`{}`", f.name), [f.rows, f.kept, f.merged, f.superseded, f.left_out]))
        .collect();
    rows.push(row("all", [f.rows, f.kept, f.merged, f.superseded, f.left_out]));
    let heads = ["Collected facts", "Rows", "In", "Merged", "Superseded", "Left out"];
    format!("## What became of the collected facts\n\n{}", table(heads, &rows))
}
