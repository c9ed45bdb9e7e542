//! Which platform has its prices where, what became of the collected facts, and which keys no line cites yet.
//!
//! Nobody writes down where a platform is covered: a standard workload is priced on every platform in every region, and
//! the estimate's own status is the answer.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wharfage_core::{
    PriceBook,
    book::{Basis, Price},
    diagnostic::Diagnostic,
    estimate::{Estimate, OLD_AFTER_DAYS, Status},
    platform::Platform,
    pricing,
    purchase::Purchase,
    text,
    text::Text,
    workload::Workload,
};

use super::{DataOnly, data_only, seen, tables};
use crate::{
    read,
    resolve::{Resolved, resolve},
    response::{Prices, SCHEMA},
};

/// Which platform has its prices where, and what the tables leave out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageResponse {
    /// version of this form: 1
    pub schema: u32,
    /// the tables, and their day
    pub prices: Prices,
    /// the request that is priced everywhere, as TOML; a platform takes the first workload whose shape it accepts
    pub probe: String,
    /// by platform and purchase option; Spot only where some region sells it
    pub platforms: Vec<PlatformCoverage>,
    /// every figure in force
    pub figures: Figures,
    /// how many keys there are
    pub keys: Keys,
    /// the keys that no line of an estimate cites yet
    pub data_only: Vec<DataOnlyOut>,
    /// what became of the collected facts
    pub accounting: Accounting,
}

/// Where one platform has its prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlatformCoverage {
    /// platform id
    pub platform: String,
    /// purchase option
    pub purchase: String,
    /// regions where everything is priced
    pub complete: usize,
    /// regions where compute is priced and something beside it is not
    pub partial: usize,
    /// regions without a price for compute, or where it is not offered
    pub absent: usize,
    /// every region of its provider
    pub regions: Vec<RegionCoverage>,
}

/// What is known of one platform in one region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegionCoverage {
    /// `ap-northeast-2`
    pub region: String,
    /// `complete`, `partial` or `absent`
    pub state: String,
    /// keys without a price
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// codes of why it can't run there
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// the figures its lines cite
    pub figures: Figures,
}

/// Counts of figures in force, by how they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Figures {
    /// all of them
    pub count: usize,
    /// from memory
    pub recalled: usize,
    /// exact arithmetic on others
    pub derived: usize,
    /// last confirmed more than 90 days before the tables' day
    pub old: usize,
    /// the last day one of them was seen
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<String>,
    /// days from then to the tables' day
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_age_days: Option<i32>,
}

/// How many keys there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Keys {
    /// keys that lines of estimates cite
    pub cited: usize,
    /// keys that are data only
    pub data_only: usize,
}

/// Keys that no line of an estimate cites yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DataOnlyOut {
    /// patterns, in which `*` stands for any text; an earlier entry speaks first
    pub keys: Vec<String>,
    /// how many keys of the tables it speaks for
    pub count: usize,
    /// why nothing cites them
    pub reason: String,
    /// what they come with; absent where they are never to be priced
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// What became of the collected facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accounting {
    /// rows collected
    pub rows: u64,
    /// rows whose figure is in the tables as it was
    #[serde(rename = "in")]
    pub kept: u64,
    /// rows that say the same as another row, which has their figure
    pub merged: u64,
    /// rows that a better one stands in for
    pub superseded: u64,
    /// rows that nothing in the tables has
    pub left_out: u64,
    /// the same by file
    pub files: Vec<FactFile>,
    /// why rows are superseded or left out
    pub not_kept: Vec<NotKept>,
}

/// What became of one file of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactFile {
    /// its name
    pub name: String,
    /// its rows
    pub rows: u64,
    /// in the tables as they were
    #[serde(rename = "in")]
    pub kept: u64,
    /// the same as another row
    pub merged: u64,
    /// a better one stands in
    pub superseded: u64,
    /// nowhere
    pub left_out: u64,
}

/// Rows that are not in the tables, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotKept {
    /// the file of facts
    pub file: String,
    /// `superseded` or `left-out`
    pub outcome: String,
    /// its lines: `7` or `51-52`, the first row being 1
    pub lines: Vec<String>,
    /// why
    pub reason: String,
}

/// Texts beside the tables, as TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoverageTexts<'t> {
    /// `accounting.toml`
    pub accounting: &'t str,
    /// `coverage.toml`
    pub data_only: &'t str,
}

/// The standard workload: on Linux and x86, in each shape of demand.
const PROBE: &str = r#"command = "compare"
region = "all"
purchase = "on-demand,spot,sp-1y-no-upfront,sp-1y-all-upfront,sp-3y-no-upfront,sp-3y-all-upfront,ri-1y-standard,ri-3y-standard,ri-1y-convertible,ri-3y-convertible,cud-1y,cud-3y,flex-cud-1y,flex-cud-3y"

[[workload]]
name = "traffic"
vcpu = 1
memory = "2GiB"
requests = "10/s"
duration = "100ms"
min_instances = 1

[[workload]]
name = "replicas"
vcpu = 1
memory = "2GiB"
replicas = 1

[[workload]]
name = "runs"
vcpu = 1
memory = "2GiB"
runs = 10
duration = "10m"
"#;

/// Prices the standard workload everywhere and counts what the tables hold.
///
/// # Errors
/// Tables without a term that every request needs, or texts that can't be read.
pub fn coverage(book: &PriceBook<'_>, texts: &CoverageTexts<'_>) -> Result<CoverageResponse, Vec<Diagnostic>> {
    let (request, _) = read::request("probe.toml", PROBE)?;
    let probe = resolve(&request, book)?;
    let mut platforms = Vec::new();
    for platform in &probe.platforms {
        for purchase in Purchase::ALL {
            platforms.extend(on_platform(book, &probe, *platform, *purchase)?);
        }
    }
    let (keys, data_only) = keys(book, data_only(texts.data_only).map_err(|d| vec![d])?);
    Ok(CoverageResponse {
        schema: SCHEMA,
        prices: tables(book, book.edition().date),
        probe: PROBE.to_owned(),
        platforms,
        figures: all_figures(book),
        keys,
        data_only,
        accounting: accounting(texts.accounting).map_err(|d| vec![d])?,
    })
}

/// One platform in every region of its provider; nothing if it is not on-demand and nowhere sold.
fn on_platform(
    book: &PriceBook<'_>,
    probe: &Resolved<'_>,
    platform: Platform,
    purchase: Purchase,
) -> Result<Option<PlatformCoverage>, Vec<Diagnostic>> {
    let accepted = |w: &&Workload| platform.accepts().contains(&w.demand.shape());
    let Some(workload) = probe.workloads.iter().find(accepted) else { return Ok(None) };
    let mut regions = Vec::new();
    for place in probe.places.iter().filter(|p| p.region(platform).is_some()) {
        let group = pricing::group(book, &probe.settings, platform, place, purchase, std::slice::from_ref(workload));
        let group =
            group.map_err(|_| vec![Diagnostic::error("request/too-large", "the standard workload overflows")])?;
        regions.extend(group.estimates.iter().map(|e| in_region(e, book.edition().date)));
    }
    let count = |state: &str| regions.iter().filter(|r| r.state == state).count();
    let (complete, partial, absent) = (count("complete"), count("partial"), count("absent"));
    let sold = purchase == Purchase::OnDemand || complete + partial > 0;
    Ok(sold.then(|| PlatformCoverage {
        platform: platform.id().to_owned(),
        purchase: purchase.id().to_owned(),
        complete,
        partial,
        absent,
        regions,
    }))
}

fn in_region(e: &Estimate<'_>, day: Date) -> RegionCoverage {
    let state = match e.status {
        Status::Priced => "complete",
        Status::Partial => "partial",
        Status::Unpriced | Status::Infeasible => "absent",
    };
    let cited: BTreeMap<_, _> = e.bill.lines.iter().map(|l| ((l.price.key, l.price.region), l.price)).collect();
    RegionCoverage {
        region: e.region.clone(),
        state: state.to_owned(),
        missing: e.bill.missing.iter().map(|m| m.missing.key.clone()).collect(),
        reasons: e.reasons.iter().map(|n| n.code.to_string()).collect(),
        figures: figures(&cited.into_values().collect::<Vec<_>>(), day),
    }
}

fn figures(all: &[Price<'_>], day: Date) -> Figures {
    let count = |basis: Basis| all.iter().filter(|p| p.basis == basis).count();
    let age = |d: Date| day.since(d).map_or(0, |span| span.get_days());
    let newest = all.iter().filter_map(seen).max();
    Figures {
        count: all.len(),
        recalled: count(Basis::Recalled),
        derived: count(Basis::Derived),
        old: all.iter().filter(|p| p.confirmed.is_some_and(|d| age(d) > OLD_AFTER_DAYS)).count(),
        newest: newest.map(|d| d.to_string()),
        newest_age_days: newest.map(age),
    }
}

fn all_figures(book: &PriceBook<'_>) -> Figures {
    let day = book.edition().date;
    let in_force = book.series().into_iter().filter_map(|(key, region)| book.price(key, &[region], day).ok());
    figures(&in_force.collect::<Vec<_>>(), day)
}

/// The keys that are data only, each under the first entry that fits it.
fn keys(book: &PriceBook<'_>, entries: Vec<DataOnly>) -> (Keys, Vec<DataOnlyOut>) {
    let mut counts = vec![0; entries.len()];
    let mut cited = 0;
    for of_key in book.series().chunk_by(|a, b| a.0 == b.0) {
        let first = of_key.first().and_then(|(key, _)| entries.iter().position(|e| e.pattern(key).is_some()));
        match first {
            Some(n) => counts[n] += 1,
            None => cited += 1,
        }
    }
    let out = |(e, count): (DataOnly, usize)| DataOnlyOut { keys: e.keys, count, reason: e.reason, until: e.until };
    let data_only = counts.iter().sum();
    (Keys { cited, data_only }, entries.into_iter().zip(counts).map(out).collect())
}

fn accounting(text: &str) -> Result<Accounting, Diagnostic> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        file: Vec<FactFile>,
        #[serde(rename = "left-out", default)]
        not_kept: Vec<NotKept>,
    }
    let file: File = toml::from_str(text).map_err(|e| {
        let message = text!(
            "the accounting of the facts can't be read: {why}",
            why = Text::known(e.message().replace('\n', "; "))
        );
        Diagnostic::error("coverage/syntax", message)
    })?;
    let sum = |of: fn(&FactFile) -> u64| file.file.iter().map(of).sum();
    Ok(Accounting {
        rows: sum(|f| f.rows),
        kept: sum(|f| f.kept),
        merged: sum(|f| f.merged),
        superseded: sum(|f| f.superseded),
        left_out: sum(|f| f.left_out),
        files: file.file,
        not_kept: file.not_kept,
    })
}
