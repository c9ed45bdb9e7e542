//! `published/ID`: worked examples from the providers' own pages, from bills and from other people's tools.
//!
//! Each `case.toml` names its source, the figure that was published, and ours; where they differ it says why. Ours are
//! compared to the last digit and are never re-blessed: if one fails, we are wrong. Requests state their day, so that
//! later prices change nothing here.

use std::{fs, path::PathBuf};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;
use wharfage_api::response::{EstimateOut, EstimateResponse, LineOut};
use wharfage_core::{
    Money, PriceBook,
    book::Price,
    period::Period,
    platform::{Context, allocatable, size::Size},
    purchase::Purchase,
    quantity::{
        Data, Dimension, Kind, MICROS_PER_HOUR, MemoryTime, Mib, Micros, MilliVcpu, Quantity, StorageTime, ThingTime,
        VcpuTime,
    },
    rate::Rate,
    workload::Switch,
};
use wharfage_tests::{program, root};

/// The examples of the collected facts, AWS's and Google's.
const COLLECTED: [(&str, u32); 2] = [("S", 19), ("G", 21)];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    source: String,
    url: String,
    #[expect(dead_code, reason = "for readers")]
    note: Option<String>,
    #[serde(default)]
    run: Vec<Run>,
    #[serde(default)]
    charge: Vec<Charge>,
    #[serde(default)]
    reserve: Vec<Reserve>,
    #[serde(default)]
    skipped: Vec<Skipped>,
}

/// The program with these arguments.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    says: String,
    args: String,
    figure: Vec<Figure>,
}

/// A quantity as a bill prints it, at the book's rate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Charge {
    says: String,
    key: String,
    region: String,
    as_of: String,
    quantity: String,
    figure: Vec<Figure>,
}

/// What GKE keeps of a machine.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reserve {
    says: String,
    machine: String,
    vcpu_m: u64,
    memory_mib: u64,
    figure: Vec<Figure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Figure {
    /// what it measures
    of: String,
    published: Option<String>,
    ours: String,
    why: Option<String>,
}

/// A part of an example that is not priced here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Skipped {
    what: String,
    why: String,
}

fn cases() -> Vec<(String, PathBuf, Case)> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(root().join("tests/published")).unwrap().map(|e| e.unwrap().path()).collect();
    folders.retain(|f| f.is_dir());
    folders.sort();
    let read = |folder: PathBuf| {
        let id = folder.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(folder.join("case.toml")).unwrap_or_else(|e| panic!("{id}: {e}"));
        let case = toml::from_str(&text).unwrap_or_else(|e| panic!("{id}: {e}"));
        (id, folder, case)
    };
    folders.into_iter().map(read).collect()
}

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// Is `got` our figure to the last digit, and is every difference from the published one explained?
fn hold(what: &str, f: &Figure, got: Decimal) {
    assert_eq!(got, decimal(&f.ours), "{what}: {} is off", f.of);
    let same = f.published.as_deref().is_some_and(|p| decimal(p) == decimal(&f.ours));
    assert_eq!(f.why.is_none(), same, "{what}: {}: a difference, and only a difference, needs its reason", f.of);
}

/// `total`, `total_exact`, or `cost:`, `cents:`, `priced:` of the lines of some skus, with commas.
fn measure(e: &EstimateOut, of: &str) -> Decimal {
    let Some((field, skus)) = of.split_once(':') else {
        let total = if of == "total" { &e.sums.total } else { &e.sums.total_exact };
        return decimal(total.as_deref().unwrap_or_else(|| panic!("{of} of an estimate that is {}", e.status)));
    };
    let field: fn(&LineOut) -> &str = match field {
        "cost" => |l| &l.cost,
        "cents" => |l| &l.cost_rounded,
        "priced" => |l| &l.priced,
        other => panic!("`{other}` is no measure"),
    };
    let lines: Vec<&LineOut> = e.lines.iter().filter(|l| skus.split(',').any(|s| s == l.sku)).collect();
    assert!(lines.len() >= skus.split(',').count(), "no line for some of {skus}");
    lines.into_iter().map(|l| decimal(field(l))).sum()
}

#[test]
fn the_program_gives_the_published_figures() {
    for (id, folder, case) in cases() {
        for run in &case.run {
            let what = format!("{id}, {}", run.says);
            let args: Vec<&str> = run.args.split_whitespace().chain(["--format", "json"]).collect();
            let ran = program::run(&folder, &args);
            assert_eq!(ran.code, Some(0), "{what}: {}{}", ran.stdout, ran.stderr);
            let response: EstimateResponse = serde_json::from_str(&ran.stdout).unwrap();
            let [estimate] = response.estimates.as_slice() else { panic!("{what}: one estimate is measured") };
            run.figure.iter().for_each(|f| hold(&what, f, measure(estimate, &f.of)));
        }
    }
}

/// The cost of a quantity as it is printed, in the price's own unit.
///
/// Bills print decimals of a GiB, the program counts whole MiB: what is charged is 10, 100, … times as much, a whole
/// number of units, and the cost is divided by that.
fn charged(book: &PriceBook<'_>, c: &Charge) -> Decimal {
    let price =
        book.price(&c.key, &[&c.region], c.as_of.parse().unwrap()).unwrap_or_else(|e| panic!("{}: {e:?}", c.says));
    let quantity = decimal(&c.quantity);
    let base = u128::try_from(quantity.mantissa()).unwrap() * u128::from(price.unit.base_per_unit());
    let cost = match price.unit.kind() {
        Kind::VcpuTime => cost::<VcpuTime>(price, base),
        Kind::MemoryTime => cost::<MemoryTime>(price, base),
        Kind::StorageTime => cost::<StorageTime>(price, base),
        Kind::ThingTime => cost::<ThingTime>(price, base),
        Kind::Data => cost::<Data>(price, base),
        other => panic!("{}: {other:?} is not on any bill here", c.says),
    };
    cost.to_decimal() / Decimal::from(10_u64.pow(quantity.scale()))
}

fn cost<D: Dimension>(price: Price<'_>, base: u128) -> Money {
    Rate::<D>::new(price).unwrap().charge(Quantity::new(base)).unwrap()
}

#[test]
fn the_rates_give_the_published_lines() {
    let book = wharfage_prices::book();
    for (id, _, case) in cases() {
        for charge in &case.charge {
            let cost = charged(&book, charge);
            for f in &charge.figure {
                let got = match f.of.as_str() {
                    "cost" => cost,
                    "cents" => cost.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero),
                    other => panic!("`{other}` is no measure"),
                };
                hold(&format!("{id}, {}", charge.says), f, got);
            }
        }
    }
}

#[test]
fn the_reserves_of_nodes_are_the_published_ones() {
    let book = wharfage_prices::book();
    let region = book.regions().find(|r| r.provider == "gcp").unwrap();
    let time = Micros(730 * MICROS_PER_HOUR);
    let period = Period { label: "730h".to_owned(), time, month_hours: 730, whole_month_hours: (672, 744) };
    let day = "2026-11-22".parse().unwrap();
    let ctx = Context::new(&book, region, day, Purchase::OnDemand, &period, Switch::On);
    let terms = allocatable::terms(&ctx).unwrap();
    for (id, _, case) in cases() {
        for r in &case.reserve {
            let machine = Size { vcpu: MilliVcpu(r.vcpu_m), memory: Mib(r.memory_mib) };
            let (kept, left) = (terms.reserved(&r.machine, machine), terms.allocatable(&r.machine, machine));
            for f in &r.figure {
                let got = match f.of.as_str() {
                    "vcpu_m" => kept.vcpu.0,
                    "memory_mib" => kept.memory.0,
                    "eviction_mib" => machine.memory.0 - kept.memory.0 - left.memory.0,
                    other => panic!("`{other}` is no measure"),
                };
                hold(&format!("{id}, {}", r.says), f, Decimal::from(got));
            }
        }
    }
}

#[test]
fn every_collected_example_is_here() {
    let here: Vec<String> = cases().into_iter().map(|(id, ..)| id).collect();
    for (letter, last) in COLLECTED {
        for n in 1..=last {
            let id = format!("{letter}{n:02}");
            assert!(here.contains(&id), "{id} is nowhere");
        }
    }
}

#[test]
fn every_case_names_its_source_and_measures_something() {
    for (id, _, case) in cases() {
        assert!(!case.source.is_empty() && !case.url.is_empty(), "{id}");
        assert!(case.run.len() + case.charge.len() + case.reserve.len() > 0, "{id} measures nothing");
        assert!(case.skipped.iter().all(|s| !s.what.is_empty() && !s.why.is_empty()), "{id}");
    }
}
