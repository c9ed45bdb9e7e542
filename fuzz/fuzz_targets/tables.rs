//! Any bytes read as a user's price tables, TOML and CSV: mistakes are told, nothing panics; and what is accepted compiles
//! and answers lookups; it is checked against other tables and compared with them both ways.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use wharfage_api::{
    diagnostics,
    prices::{self, Filter, Side},
    response::to_json,
};
use wharfage_core::{
    PriceBook,
    book::{
        check, compile,
        parse::{self, Owner},
        tables::Tables,
    },
    diagnostic::{Place, line_column},
};

const BASE: &str = r#"
edition = "2026-11-22"
month_hours = 730
[[source]]
id = "page"
title = "the pricing page"
[[region]]
id = "ap-northeast-2"
provider = "aws"
city = "Seoul"
city_ko = "서울"
"#;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for name in ["own.toml", "own.csv"] {
        read(name, text);
    }
});

fn read(name: &str, text: &str) {
    let (bytes, digest) = base();
    let book = PriceBook::new(bytes, digest.clone()).expect("the base compiles");
    let mut tables = Tables::default();
    let mut found = parse::file(name, text, Owner::User, &mut tables);
    if found.is_empty() {
        found = check::tables(&tables, Some(&book));
    }
    for d in &found {
        for label in &d.labels {
            let Place::File { span, .. } = &label.place else { continue };
            assert!(span.start <= span.end && span.end <= text.len(), "{d:?} points outside the text");
            let _ = line_column(text, span.start);
        }
    }
    let checked = prices::check(&tables, found.clone(), &book);
    assert!(!to_json(&diagnostics(&checked)).is_empty() && checked.len() >= found.len());
    if !found.is_empty() {
        return;
    }
    let Ok(compiled) = compile::compile(&tables) else { return };
    let base = book.clone();
    let book = book.with_user_tables("own", &compiled.bytes, &compiled.digest).expect("compiled tables are readable");
    let day = book.edition().date;
    let (without, with) = (Side { name: "base", book: &base, day }, Side { name: "own", book: &book, day });
    for (before, after) in [(&without, &with), (&with, &without)] {
        let changes = prices::diff(before, after, &Filter::default()).expect("an empty filter fits everything");
        assert!(!to_json(&changes).is_empty());
    }
    for (key, region) in book.series() {
        let _ = book.price(key, &[region], day);
        assert!(!book.history(key, region).is_empty());
    }
    for (key, region) in book.term_series() {
        if let Ok(term) = book.term(key, &[region], day) {
            let _ = (term.value(), term.whole(), term.whole_times(1024));
        }
    }
}

fn base() -> &'static (Vec<u8>, String) {
    static BOOK: OnceLock<(Vec<u8>, String)> = OnceLock::new();
    BOOK.get_or_init(|| {
        let mut tables = Tables::default();
        assert!(parse::file("base.toml", BASE, Owner::Book, &mut tables).is_empty());
        let compiled = compile::compile(&tables).expect("a small book");
        (compiled.bytes, compiled.digest)
    })
}
