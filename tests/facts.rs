//! Every row of the collected facts is accounted for: it is in the book, merged into a named row, or superseded by one.
//!
//! `pricing-data/ledger` says where each row went. Where the facts themselves lie beside the project
//! (`../shared/facts`), each is read again and compared with the book; elsewhere that part says that it was left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use rust_decimal::Decimal;
use wharfage_core::book::{Price, PriceBook};
use wharfage_tests::{root, texts};

/// Files of facts and their rows.
#[rustfmt::skip]
const FILES: [(&str, usize); 20] = [
    ("aws/additions.csv", 8_726),
    ("aws/discounts.csv", 19),
    ("aws/ec2-ondemand.csv", 15_483),
    ("aws/ec2-reserved-no-upfront.csv", 1_952),
    ("aws/ecs-apprunner.csv", 24),
    ("aws/eks.csv", 53),
    ("aws/fargate-sizes.csv", 194),
    ("aws/fargate.csv", 150),
    ("aws/instances-karpenter-allocatable.csv", 1_363),
    ("aws/instances.csv", 1_369),
    ("aws/supporting.csv", 369),
    ("gcp/additions.csv", 177),
    ("gcp/cloud-run.csv", 601),
    ("gcp/compute-engine-other-regions.csv", 18_606),
    ("gcp/compute-engine.csv", 6_934),
    ("gcp/compute-unit-prices.csv", 3_620),
    ("gcp/gke.csv", 519),
    ("gcp/machine-types.csv", 554),
    ("gcp/storage-network.csv", 981),
    ("price-history.csv", 483),
];

/// Where one fact went.
struct Entry {
    outcome: String,
    keys: Vec<String>,
    region: String,
    detail: String,
}

impl Entry {
    /// The rows its detail names: file and line.
    fn named(&self) -> Vec<(&str, usize)> {
        let words = self.detail.split([' ', ',', '(']).filter(|w| w.contains(".csv:"));
        words.filter_map(|w| w.split_once(':')).map(|(f, n)| (f, n.parse().unwrap())).collect()
    }
}

type Rows = Vec<BTreeMap<String, String>>;

fn csv_rows(text: &str) -> Rows {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

fn ledger() -> BTreeMap<&'static str, Vec<Entry>> {
    let texts = texts("pricing-data/ledger", &[".csv"], &[]);
    assert_eq!(texts.len(), FILES.len(), "one ledger per file of facts");
    let mut all = BTreeMap::new();
    for (file, rows) in FILES {
        let name = format!("pricing-data/ledger/{}", file.replace('/', "-"));
        let mut entries = Vec::new();
        for (n, mut row) in (1..).zip(csv_rows(texts.get(&name).unwrap_or_else(|| panic!("no {name}")))) {
            assert_eq!(row["line"], n.to_string(), "{name}");
            let mut take = |column: &str| row.remove(column).unwrap_or_else(|| panic!("{name} has no column {column}"));
            let keys = take("key").split(';').map(str::to_owned).collect();
            entries.push(Entry { outcome: take("outcome"), keys, region: take("region"), detail: take("detail") });
        }
        assert_eq!(entries.len(), rows, "{name}");
        all.insert(file, entries);
    }
    all
}

#[test]
fn every_fact_row_has_a_place() {
    assert_eq!(FILES.iter().map(|(_, rows)| rows).sum::<usize>(), 62_177);
    let (ledger, book) = (ledger(), wharfage_prices::book());
    let prices: BTreeSet<_> = book.series().into_iter().collect();
    let terms: BTreeSet<_> = book.term_series().into_iter().collect();
    for (file, entries) in &ledger {
        for (n, entry) in (1..).zip(entries) {
            let place = format!("{file}:{n} ({}, {})", entry.keys.join(" and "), entry.region);
            match entry.outcome.as_str() {
                "in" => {
                    for key in &entry.keys {
                        let pair = (key.as_str(), entry.region.as_str());
                        assert!(
                            prices.contains(&pair) || terms.contains(&pair) || shaped(&book, key),
                            "{place}: not in the book"
                        );
                    }
                }
                "merged" | "superseded" => {
                    let named = entry.named();
                    assert!(!named.is_empty(), "{place}: {} by what?", entry.outcome);
                    for (file, line) in named {
                        let heir = &ledger[file][line - 1];
                        assert_eq!(
                            (heir.outcome.as_str(), &heir.region),
                            ("in", &entry.region),
                            "{place} names {file}:{line}"
                        );
                        assert!(
                            heir.keys.iter().any(|k| entry.keys.contains(k)),
                            "{place} names {file}:{line}, another key"
                        );
                    }
                }
                "left-out" => assert!(!entry.detail.is_empty(), "{place}: left out for which reason?"),
                other => panic!("{place}: unknown outcome {other}"),
            }
        }
    }
}

fn shaped(book: &PriceBook<'_>, key: &str) -> bool {
    let mut parts = key.splitn(3, '/');
    let (provider, kind, name) = (parts.next(), parts.next(), parts.next());
    kind == Some("shapes") && book.shape(provider.unwrap_or_default(), name.unwrap_or_default()).is_some()
}

#[test]
fn the_accounting_is_the_ledgers_sum() {
    let ledger = ledger();
    let accounting: toml::Table = wharfage_prices::ACCOUNTING.parse().unwrap();
    let stated: Vec<_> = accounting["file"].as_array().unwrap().iter().map(|f| f.as_table().unwrap()).collect();
    assert_eq!(stated.iter().map(|f| f["name"].as_str().unwrap()).collect::<Vec<_>>(), FILES.map(|(file, _)| file));
    for row in stated {
        let file = row["name"].as_str().unwrap();
        let count = |outcome: &str| ledger[file].iter().filter(|e| e.outcome == outcome).count();
        let columns = [("in", "in"), ("merged", "merged"), ("superseded", "superseded"), ("left_out", "left-out")];
        for (column, outcome) in columns {
            assert_eq!(row[column].as_integer(), i64::try_from(count(outcome)).ok(), "{file}: {column}");
        }
        assert_eq!(row["rows"].as_integer(), i64::try_from(ledger[file].len()).ok(), "{file}");
        let explained: BTreeSet<usize> = explained_lines(&accounting, file);
        let gone = (1..).zip(&ledger[file]).filter(|(_, e)| e.outcome == "superseded" || e.outcome == "left-out");
        assert_eq!(explained, gone.map(|(n, _)| n).collect(), "{file}: lines with a reason");
    }
}

/// The lines of a file that the accounting gives a reason for.
fn explained_lines(accounting: &toml::Table, file: &str) -> BTreeSet<usize> {
    let mut all = BTreeSet::new();
    let reasons = accounting.get("left-out").and_then(toml::Value::as_array).into_iter().flatten();
    for row in reasons.filter(|r| r["file"].as_str() == Some(file)) {
        assert!(!row["reason"].as_str().unwrap().is_empty());
        for span in row["lines"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()) {
            let (first, last) = span.split_once('-').unwrap_or((span, span));
            all.extend(first.parse::<usize>().unwrap()..=last.parse().unwrap());
        }
    }
    all
}

#[test]
fn every_fact_read_again_agrees_with_the_book() {
    let facts = root().join("../shared/facts");
    if !facts.is_dir() {
        println!("left out: the facts are not beside this project (../shared/facts)");
        return;
    }
    let (ledger, book) = (ledger(), wharfage_prices::book());
    let sizes = size_menus(&book);
    let mut wrong = Vec::new();
    for (file, rows) in FILES {
        let text = fs::read_to_string(facts.join(file)).unwrap();
        let facts = csv_rows(&text);
        assert_eq!(facts.len(), rows, "{file}");
        for ((n, fact), entry) in (1..).zip(&facts).zip(&ledger[file]) {
            let agrees = match file {
                "aws/instances.csv" => shape_agrees(&book, "aws", &fact["instance_type"], fact),
                "gcp/machine-types.csv" => shape_agrees(&book, "gcp", &fact["machine_type"], fact),
                "aws/instances-karpenter-allocatable.csv" => allocatable_agrees(&book, fact),
                "aws/fargate-sizes.csv" => {
                    let row = [&fact["vcpu"], &fact["memory_gb"]].map(|t| number(t));
                    let menu = format!("aws/fargate/sizes.{}.{}", fact["orchestrator"], fact["os"]);
                    entry.keys == [menu.as_str()] && sizes.contains(&(menu, row))
                }
                _ => entry.region == scope(&fact["region"]) && price_agrees(&book, entry, fact),
            };
            if !agrees {
                wrong.push(format!("{file}:{n}: {fact:?}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} facts are not in the book, first:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
}

fn number(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn scope(region: &str) -> &str {
    match region {
        "all" | "global-commercial" => "global",
        "region-not-stated" => "unstated",
        "asia-pacific (SKU text)" => "asia-pacific",
        other => other,
    }
}

/// An `in` row's price stands in the book with its digits, day and source; a merged one's on its day, under the row that
/// took it in; a superseded one's need not stand there.
fn price_agrees(book: &PriceBook<'_>, entry: &Entry, fact: &BTreeMap<String, String>) -> bool {
    let price = &fact["price_usd"];
    let day = fact.get("effective").or_else(|| fact.get("valid_from")).unwrap();
    entry.keys.iter().all(|key| {
        let history = book.history(key, &entry.region);
        let shown = |d: Option<jiff::civil::Date>| d.map_or(String::new(), |d| d.to_string());
        let on_the_day = |p: &Price<'_>| *day == shown(p.valid_from) || (!day.is_empty() && *day == shown(p.confirmed));
        let same_source = |p: &Price<'_>| {
            let rest = p.source.title.strip_prefix(fact["source"].as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" = "))
        };
        match entry.outcome.as_str() {
            "in" => {
                let found =
                    history.iter().filter(|(p, _)| p.amount.to_string() == *price && same_source(p) && on_the_day(p));
                key.starts_with(&fact["provider"]) && found.count() == 1
            }
            "merged" => history.iter().any(|(p, until)| {
                let cut_off = Decimal::new(1, 6);
                let same = (p.amount - number(price)).abs() < cut_off;
                same && shown(p.valid_from) <= *day && until.is_none_or(|u| *day <= u.to_string())
            }),
            _ => true,
        }
    })
}

fn shape_agrees(book: &PriceBook<'_>, provider: &str, name: &str, fact: &BTreeMap<String, String>) -> bool {
    let Some(shape) = book.shape(provider, name) else { return false };
    let arch = if fact["arch"] == "arm64" { "arm" } else { "x86" };
    let gpus = Some(fact["gpu_count"].as_str()).filter(|t| !t.is_empty()).map(number);
    (shape.arch, shape.gpu) == (arch, fact["gpu_name"].as_str())
        && shape.vcpu.as_vcpu() == number(&fact["vcpu"])
        && Decimal::from(shape.memory.0) == (number(&fact["memory_gib"]) * Decimal::from(1024)).trunc()
        && shape.gpu_milli.map(Decimal::from) == gpus.map(|n| n * Decimal::from(1000))
}

fn allocatable_agrees(book: &PriceBook<'_>, fact: &BTreeMap<String, String>) -> bool {
    let columns = ["allocatable_cpu_millicores", "allocatable_memory_mib", "max_pods"];
    let stated = columns.map(|c| fact[c].parse::<u64>().unwrap());
    book.shape("aws", &fact["instance_type"]).is_some_and(|s| s.allocatable == Some(stated))
}

/// Every size on Fargate's menus, by the menu's key.
fn size_menus(book: &PriceBook<'_>) -> BTreeSet<(String, [Decimal; 2])> {
    let day = book.edition().date;
    let menus = book.term_series().into_iter().map(|(key, _)| key).filter(|key| key.starts_with("aws/fargate/sizes."));
    let mut all = BTreeSet::new();
    for key in menus {
        let menu = book.term(key, &[], day).unwrap();
        all.extend((0..menu.rows()).map(|n| (key.to_owned(), [menu.at(n, 0), menu.at(n, 1)])));
    }
    all
}
