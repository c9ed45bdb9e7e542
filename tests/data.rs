//! The price tables: every one parses, resolves its sources, is sorted, and compiles to the bytes that are embedded; and
//! a broken table is refused with its code, file and line.

use std::collections::{BTreeMap, BTreeSet};

use wharfage_core::{
    Diagnostic,
    book::{
        PriceBook, check, compile,
        tables::{Basis, Dated, Tables},
    },
    diagnostic::{Place, line_column},
};
use wharfage_tests::{parse, table_texts, texts};

fn built_in() -> Tables {
    let (tables, found) = parse(&table_texts());
    assert_eq!(found, [], "every table parses");
    tables
}

fn every_dated(t: &Tables) -> impl Iterator<Item = (&str, &str, &Dated)> {
    let prices = t.prices.iter().map(|p| (p.key.as_str(), p.region.as_str(), &p.dated));
    prices.chain(t.terms.iter().map(|p| (p.key.as_str(), p.region.as_str(), &p.dated)))
}

#[test]
fn the_tables_are_what_is_embedded() {
    let tables = built_in();
    assert_eq!(check::tables(&tables, None), []);
    let compiled = compile::compile(&tables).unwrap();
    assert_eq!(compiled.digest, wharfage_prices::book().edition().digest);
}

#[test]
fn the_lesson_edition_parses_over_them() {
    let (tables, found) = parse(&texts("pricing-data/lesson", &[".toml", ".csv"], &[]));
    assert_eq!(found, []);
    assert_eq!(check::tables(&tables, Some(&wharfage_prices::book())), []);
    assert_eq!(wharfage_prices::lesson().edition().name, "lesson");
}

#[test]
fn no_two_rows_of_a_key_and_region_hold_on_the_same_day() {
    let tables = built_in();
    let mut all: BTreeMap<(&str, &str), Vec<&Dated>> = BTreeMap::new();
    for (key, region, dated) in every_dated(&tables) {
        all.entry((key, region)).or_default().push(dated);
    }
    for ((key, region), mut rows) in all {
        rows.sort_by_key(|d| d.from);
        for pair in rows.windows(2) {
            assert!(pair[0].from < pair[1].from, "{key} in {region}: two rows from {:?}", pair[1].from);
            assert!(pair[0].until.is_none() || pair[0].until <= pair[1].from, "{key} in {region}: overlap");
        }
    }
}

#[test]
fn every_row_has_a_source_and_every_source_a_row() {
    let tables = built_in();
    let defined: BTreeSet<&str> = tables.sources.iter().map(|s| s.id.as_str()).collect();
    let mut cited: BTreeSet<&str> = tables.shapes.iter().map(|s| s.source.as_str()).collect();
    cited.extend(every_dated(&tables).map(|(_, _, d)| d.source.as_str()));
    assert_eq!(cited.difference(&defined).collect::<Vec<_>>(), Vec::<&&str>::new(), "cited, but nowhere defined");
    assert_eq!(defined.difference(&cited).collect::<Vec<_>>(), Vec::<&&str>::new(), "defined, but never cited");
}

#[test]
fn bases_and_days_make_sense() {
    let tables = built_in();
    let edition = tables.edition.clone().unwrap();
    for (key, region, d) in every_dated(&tables) {
        assert_ne!(d.basis, Basis::User, "{key} in {region}");
        let days = [d.from, d.confirmed].into_iter().flatten();
        days.for_each(|day| assert!(day <= edition.date, "{key} in {region}: {day} is after the edition"));
    }
    for p in tables.prices.iter().filter(|p| p.dated.basis == Basis::Observed) {
        let days = [p.dated.from, p.dated.until, p.dated.confirmed];
        assert!(days.iter().any(Option::is_some), "{} in {} was observed: on which day?", p.key, p.region);
    }
}

#[test]
fn rows_are_sorted_in_every_file() {
    let tables = built_in();
    let mut wrong = Vec::new();
    let mut ordered = |pairs: Vec<(usize, String)>| {
        for pair in pairs.windows(2) {
            if pair[0].0 == pair[1].0 && pair[0].1 > pair[1].1 {
                wrong.push(format!("{}: {} after {}", tables.files[pair[0].0], pair[1].1, pair[0].1));
            }
        }
    };
    let day = |d: &Dated| d.from.map_or(String::new(), |d| d.to_string());
    ordered(tables.sources.iter().map(|s| (s.at.file, s.id.clone())).collect());
    ordered(tables.shapes.iter().map(|s| (s.at.file, s.name.clone())).collect());
    let row = |key: &str, region: &str, d: &Dated| (d.at.file, format!("{key}\t{region}\t{}", day(d)));
    ordered(tables.terms.iter().map(|p| row(&p.key, &p.region, &p.dated)).collect());
    ordered(tables.prices.iter().map(|p| row(&p.key, &p.region, &p.dated)).collect());
    assert_eq!(wrong, Vec::<String>::new());
}

const GOOD: &str = r#"edition = "2026-11-22"
month_hours = 730

[[source]]
id = "page"
title = "the pricing page"

[[region]]
id = "eu-west-1"
provider = "aws"
city = "Ireland"
city_ko = "아일랜드"

[[price]]
key = "aws/fargate/linux-x86.memory"
unit = "GiB-Hours"
region = "eu-west-1"
values = [
    { from = 2025-01-01, price = "0.1", basis = "observed", source = "page" },
    { from = 2026-01-01, price = "0.2", basis = "observed", source = "page" },
]

[[price]]
key = "aws/fargate/linux-x86.vcpu"
unit = "vCPU-Hours"
region = "eu-west-1"
values = [
    { from = 2025-01-01, until = 2026-01-01, price = "0.3", basis = "observed", source = "page" },
]
"#;

/// What a broken copy of a table is refused with: code, file, line.
fn refusals(name: &str, text: &str) -> Vec<(&'static str, String, usize)> {
    let texts = BTreeMap::from([(name.to_owned(), text.to_owned())]);
    let (tables, mut found) = parse(&texts);
    if found.is_empty() {
        found = check::tables(&tables, None);
    }
    found.iter().map(|d| place(d, text)).collect()
}

fn place(d: &Diagnostic, text: &str) -> (&'static str, String, usize) {
    let Some(Place::File { name, span }) = d.labels.first().map(|l| &l.place) else { panic!("{d:?} names no place") };
    (d.code, name.clone(), line_column(text, span.start).0)
}

#[test]
fn a_broken_table_is_refused_with_code_file_and_line() {
    assert_eq!(refusals("good.toml", GOOD), []);
    #[rustfmt::skip]
    let cases = [
        // what is replaced, by what, code, line
        (r#"unit = "vCPU-Hours""#, r#"unit = "GiB-Hours""#, "price/unit-mismatch", 25),
        (r#"unit = "vCPU-Hours""#, r#"unit = "vCPU-hours""#, "price/unknown-unit", 25),
        (r#"price = "0.3", basis = "observed", source = "page""#, r#"price = "0.3", basis = "observed", source = "pgae""#, "price/unknown-source", 28),
        (r#""0.3", basis = "observed", source = "page""#, r#""0.3", basis = "observed""#, "price/no-source", 28),
        (r#""0.3", basis = "observed""#, r#""0.3""#, "price/basis", 28),
        (r#""0.3", basis = "observed""#, r#""0.3", basis = "guessed""#, "price/basis", 28),
        (r#"price = "0.3""#, "price = 0.3", "price/not-a-string", 28),
        (r#"price = "0.3""#, r#"price = "-0.3""#, "price/not-a-decimal", 28),
        (r#"price = "0.3""#, r#"price = "3e-1""#, "price/not-a-decimal", 28),
        (r#"price = "0.3", "#, "", "table/missing-field", 28),
        ("from = 2026-01-01", "from = 2025-01-01", "price/overlap", 20),
        ("from = 2025-01-01, price", "from = 2025-01-01, until = 2026-01-02, price", "price/overlap", 19),
        ("until = 2026-01-01", "until = 2024-01-01", "price/dates", 28),
        ("from = 2026-01-01", "from = 1926-01-01", "price/date", 20),
        ("linux-x86.memory", "windows.memory", "table/unsorted", 28),
        ("aws/fargate/linux-x86.vcpu", "fargate.vcpu", "price/key", 24),
        (r#"region = "eu-west-1""#, r#"region = "eu-west-9""#, "price/unknown-region", 17),
        ("region =", "reigon =", "table/unknown-key", 17),
        ("[[source]]", "[[sources]]", "table/unknown-key", 4),
        ("month_hours = 730\n", "\n", "table/edition", 1),
        (r#"id = "page""#, r#"name = "page""#, "table/unknown-key", 5),
    ];
    for (from, to, code, line) in cases {
        assert!(GOOD.contains(from), "{from}");
        let broken = GOOD.replacen(from, to, 1);
        let found = refusals("aws/broken.toml", &broken);
        let first = found.first().unwrap_or_else(|| panic!("{to}: accepted"));
        assert_eq!((first.0, first.2), (code, line), "{to}: {found:?}");
        assert_eq!(first.1, "aws/broken.toml");
    }
}

#[test]
fn a_broken_csv_table_is_refused_with_code_file_and_line() {
    const HEAD: &str = "key,unit,region,from,until,price,basis,source,confirmed,note";
    const ROW: &str = "aws/ec2/c5.large,Instance-Hours,global,2026-02-07,,0.1,observed,page,2026-02-07,";
    #[rustfmt::skip]
    let cases = [
        // the second row, code
        ("aws/ec2/c5.large,Instance-Hours,global,2026-02-07,,0.1,observed,page,2026-02-07,", "price/overlap"),
        ("aws/ec2/c4.large,Instance-Hours,global,2026-02-07,,0.1,observed,page,2026-02-07,", "table/unsorted"),
        ("aws/ec2/c6.large,vCPU-Hours,global,2026-02-07,,0.1,observed,page,2026-02-07,", "price/unit-mismatch"),
        ("aws/ec2/c6.large,Instance-Hours,atlantis,2026-02-07,,0.1,observed,page,2026-02-07,", "price/unknown-region"),
        ("aws/ec2/c6.large,Instance-Hours,global,2026-02-07,,,observed,page,2026-02-07,", "table/missing-field"),
        ("aws/ec2/c6.large,Instance-Hours,global,2026-02-07,,0,1,observed,page,2026-02-07,", "table/syntax"),
        ("aws/ec2/c6.large,Instance-Hours,global,07.02.2026,,0.1,observed,page,2026-02-07,", "price/date"),
        ("aws/ec2/c6.large,Instance-Hours,global,2026-02-07,,0.1,observed,,2026-02-07,", "price/no-source"),
        ("aws/ec2/c6.large,Instance-Hours,global,2026-02-07,,0.1,observed,other,2026-02-07,", "price/unknown-source"),
    ];
    for (row, code) in cases {
        let csv = format!("{HEAD}\n{ROW}\n{row}\n");
        let texts = BTreeMap::from([("a.toml".to_owned(), GOOD.to_owned()), ("b.csv".to_owned(), csv.clone())]);
        let (tables, mut found) = parse(&texts);
        if found.is_empty() {
            found = check::tables(&tables, None);
        }
        let first = found.first().unwrap_or_else(|| panic!("{row}: accepted"));
        assert_eq!(place(first, &csv), (code, "b.csv".to_owned(), 3), "{row}");
    }
}

#[test]
fn all_mistakes_of_a_table_come_at_once() {
    let broken = GOOD.replace("GiB-Hours", "GiB").replace(r#""0.3""#, "0.3").replace("edition = \"", "editon = \"");
    let codes: BTreeSet<&str> = refusals("aws/broken.toml", &broken).into_iter().map(|(code, _, _)| code).collect();
    assert_eq!(codes, BTreeSet::from(["price/not-a-string", "table/unknown-key"]));
}

#[test]
fn a_small_book_compiles_and_answers() {
    let (tables, found) = parse(&BTreeMap::from([("a.toml".to_owned(), GOOD.to_owned())]));
    assert_eq!(found, []);
    let compiled = compile::compile(&tables).unwrap();
    let book = PriceBook::new(&compiled.bytes, compiled.digest).unwrap();
    let history = book.history("aws/fargate/linux-x86.memory", "eu-west-1");
    assert_eq!(history.iter().map(|(p, _)| p.amount.to_string()).collect::<Vec<_>>(), ["0.1", "0.2"]);
}
