//! House rules as tests: what ARCHITECTURE.md calls invariants, as far as a reader of the sources can tell.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use rust_decimal::Decimal;
use wharfage_tests::texts;

/// A Rust file taken apart. Both parts have the lines of the file.
struct Source {
    /// the file without comments, its texts emptied
    code: String,
    /// line and content of each text
    literals: Vec<(usize, String)>,
}

/// Every Rust file of the crates.
fn sources() -> &'static BTreeMap<String, Source> {
    static ALL: OnceLock<BTreeMap<String, Source>> = OnceLock::new();
    ALL.get_or_init(|| crate_texts().iter().map(|(name, text)| (name.clone(), take_apart(text))).collect())
}

fn crate_texts() -> BTreeMap<String, String> {
    texts("crates", &[".rs"], &["target"])
}

/// What comes before a file's unit tests.
fn untested(code: &str) -> &str {
    &code[..code.find("#[cfg(test)]").unwrap_or(code.len())]
}

fn take_apart(text: &str) -> Source {
    let (mut code, mut literals, mut line) = (String::new(), Vec::new(), 1);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after_word = code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let (taken, kept) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), "")
        } else if rest.starts_with("/*") {
            (rest.find("*/").map_or(rest.len(), |n| n + 2), "")
        } else if let Some((start, end, len)) = text_literal(rest).filter(|_| c == '"' || !after_word) {
            literals.push((line, rest[start..end].to_owned()));
            (len, "\"\"")
        } else if let Some(len) = char_literal(rest) {
            (len, "' '")
        } else {
            (c.len_utf8(), &rest[..c.len_utf8()])
        };
        code.push_str(kept);
        let lines = rest[..taken].matches('\n').count() - kept.matches('\n').count();
        code.extend(std::iter::repeat_n('\n', lines));
        line += rest[..taken].matches('\n').count();
        rest = &rest[taken..];
    }
    Source { code, literals }
}

/// Where the content of a text starts and ends, and the length of the whole, if one starts here.
fn text_literal(rest: &str) -> Option<(usize, usize, usize)> {
    let prefix = rest.bytes().take(3).position(|b| b == b'"' || b == b'#')?;
    if !["", "b", "r", "br", "c"].contains(&rest.get(..prefix)?) {
        return None;
    }
    let hashes = rest[prefix..].bytes().take_while(|b| *b == b'#').count();
    let start = prefix + hashes + 1;
    if rest.as_bytes().get(start - 1) != Some(&b'"') || (hashes > 0 && !rest[..prefix].contains('r')) {
        return None;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    if rest[..prefix].contains('r') {
        let end = start + rest[start..].find(&close)?;
        return Some((start, end, end + close.len()));
    }
    let bytes = rest.as_bytes();
    let mut end = start;
    while *bytes.get(end)? != b'"' {
        end += if bytes[end] == b'\\' { 2 } else { 1 };
    }
    Some((start, end, end + 1))
}

fn char_literal(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    let mut chars = inner.chars();
    let first = chars.next()?;
    if first == '\\' {
        return Some(inner[2..].find('\'')? + 4);
    }
    (chars.next() == Some('\'')).then_some(first.len_utf8() + 2)
}

fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(code.lines());
    lines.flat_map(|(n, l)| {
        l.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).map(move |w| (n, w))
    })
}

#[track_caller]
fn none(found: Vec<String>, what: &str) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

#[test]
fn the_reader_of_sources_knows_code_from_text() {
    let source = take_apart(
        "let a = \"f64 // \\\" x\"; // f64\nlet b = r#\"0.123 \"q\" \"#; /* f64\n */ let c: &'a u8 = b'\"';\nlet d = '\\'';",
    );
    assert_eq!(source.code, "let a = \"\"; \nlet b = \"\"; \n let c: &'a u8 = b' ';\nlet d = ' ';");
    assert_eq!(source.literals, [(1, "f64 // \\\" x".to_owned()), (2, "0.123 \"q\" ".to_owned())]);
}

#[test]
fn core_does_no_io_reads_no_clock_and_uses_no_float_and_no_hash_map() {
    const NEVER: &str = "f32 f64 HashMap HashSet RandomState SystemTime Instant stdin stdout stderr print println eprint eprintln \
        dbg getrandom rand env include_bytes include_str thread_rng TcpStream UdpSocket unsafe";
    const STD: &str = "fs net time env io process thread os random";
    let never: BTreeSet<&str> = NEVER.split_whitespace().collect();
    let std_modules: BTreeSet<&str> = STD.split_whitespace().collect();
    let mut found = Vec::new();
    for (name, source) in sources().iter().filter(|(name, _)| name.starts_with("crates/wharfage-core/src/")) {
        found.extend(words(&source.code).filter(|(_, w)| never.contains(w)).map(|(n, w)| format!("{name}:{n}: {w}")));
        for (start, _) in source.code.match_indices("std::") {
            let path = &source.code[start + 5..];
            let path = if path.starts_with('{') { &path[..path.find(';').unwrap_or(path.len())] } else { path };
            let first = path.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty());
            let modules: Vec<&str> = if path.starts_with('{') { first.collect() } else { first.take(1).collect() };
            found.extend(modules.iter().filter(|m| std_modules.contains(*m)).map(|m| format!("{name}: std::{m}")));
        }
    }
    none(found, "wharfage-core is pure");
}

#[test]
fn core_depends_on_nothing_that_reads_a_clock_or_a_network() {
    let manifests = manifests();
    let known = BTreeSet::from(["csv", "jiff", "rust_decimal", "sha2", "strsim", "toml"]);
    assert_eq!(manifests["wharfage-core"].dependencies.iter().map(String::as_str).collect::<BTreeSet<_>>(), known);
    let workspace: toml::Table =
        std::fs::read_to_string(wharfage_tests::root().join("Cargo.toml")).unwrap().parse().unwrap();
    let jiff = &workspace["workspace"]["dependencies"]["jiff"];
    assert_eq!(jiff["default-features"].as_bool(), Some(false), "jiff with `std` reads the clock");
    assert_eq!(jiff["features"].as_array().unwrap().len(), 1);
}

#[test]
fn no_price_is_written_in_rust() {
    let book = wharfage_prices::book();
    let mut prices = BTreeSet::new();
    for (key, region) in book.series() {
        prices.extend(book.history(key, region).into_iter().map(|(p, _)| p.amount.normalize()));
    }
    let mut found = Vec::new();
    for (name, source) in sources().iter().filter(|(name, _)| name.contains("/src/")) {
        let code = untested(&source.code);
        let last = code.lines().count();
        let texts = source.literals.iter().filter(|(n, _)| *n <= last).map(|(n, t)| (*n, t.as_str()));
        for (n, text) in texts.chain((1..).zip(code.lines())) {
            let priced = decimals(text).filter(|d| prices.contains(&d.normalize()));
            found.extend(priced.map(|d| format!("{name}:{n}: {d}")));
        }
    }
    none(found, "figures of pricing pages belong into pricing-data");
}

/// Decimals in a text with at least three places and more than a single digit 1.
fn decimals(text: &str) -> impl Iterator<Item = Decimal> {
    let numbers = text.split(|c: char| !c.is_ascii_digit() && c != '.' && c != '_');
    let decimals = numbers.filter_map(|t| Decimal::from_str_exact(&t.replace('_', "")).ok());
    decimals.filter(|d| d.normalize().scale() >= 3 && d.normalize().mantissa() != 1)
}

#[test]
fn money_is_divided_in_one_place() {
    let mut found = Vec::new();
    for (name, source) in
        sources().iter().filter(|(name, _)| name.starts_with("crates/wharfage-") && name.contains("/src/"))
    {
        let own = name.ends_with("/money.rs") || name.ends_with("/rate.rs");
        for (n, line) in (1..).zip(untested(&source.code).lines()) {
            let divides = line.contains("from_picos(") || line.contains("Div for Money") || line.contains("Div<");
            if divides && !own {
                found.push(format!("{name}:{n}: {}", line.trim()));
            }
        }
    }
    none(found, "money comes from `Rate::charge` and from sums");
    let rate = &sources()["crates/wharfage-core/src/rate.rs"].code;
    let charge = &rate[rate.find("fn charge(mantissa").expect("the division's function")..];
    let charge = &charge[..charge.find("\n}").unwrap()];
    let divisions = |code: &str| code.matches("divide_half_even(").count();
    assert!(divisions(charge) > 0);
    assert_eq!(divisions(rate), divisions(charge), "outside of `charge`");
}

/// What a crate's manifest says.
struct Manifest {
    /// without those of tests and build scripts
    dependencies: BTreeSet<String>,
    publish: bool,
}

/// Of every crate under `crates/`, by the folder's name.
fn manifests() -> BTreeMap<String, Manifest> {
    let mut all = BTreeMap::new();
    for (path, text) in texts("crates", &["Cargo.toml"], &["target", "pricing-data"]) {
        let folder = path.split('/').nth(1).unwrap();
        let table: toml::Table = text.parse().unwrap_or_else(|e| panic!("{path}: {e}"));
        assert_eq!(table["package"]["name"].as_str(), Some(folder), "a crate has its folder's name");
        assert_eq!(table["lints"]["workspace"].as_bool(), Some(true), "{path}: [lints] workspace = true");
        let dependencies = table.get("dependencies").and_then(toml::Value::as_table).into_iter().flatten();
        let publish = table["package"].get("publish").and_then(toml::Value::as_bool).unwrap_or(true);
        all.insert(
            folder.to_owned(),
            Manifest { dependencies: dependencies.map(|(k, _)| k.clone()).collect(), publish },
        );
    }
    all
}

#[test]
fn json_is_known_to_the_api_and_the_terminal_to_the_cli() {
    #[rustfmt::skip]
    let homes = [
        ("wharfage-api", "serde_json schemars jsonc-parser serde-saphyr"),
        ("wharfage-cli", "clap clap_complete clap_mangen comfy-table indicatif anstream anstyle terminal_size crossterm"),
        ("wharfage-wasm", "wasm-bindgen js-sys web-sys serde-wasm-bindgen"),
    ];
    let mut found = Vec::new();
    for (name, manifest) in manifests() {
        for (home, crates) in homes {
            let strays = crates.split(' ').filter(|c| manifest.dependencies.contains(*c) && name != home);
            found.extend(strays.map(|c| format!("{name} uses {c}, which belongs to {home}")));
        }
    }
    none(found, "every outside format has one home");
}

#[test]
fn dependencies_point_one_way() {
    #[rustfmt::skip]
    let allowed = BTreeMap::from([
        ("wharfage-core", ""),
        ("wharfage-sim", "core"),
        ("wharfage-prices", "core"),
        ("wharfage-api", "core sim prices"),
        ("wharfage-ingest", "core api"),
        ("wharfage-forecast", "core api"),
        ("wharfage-cli", "core prices sim api ingest forecast"),
        ("wharfage-wasm", "core prices api ingest"),
        ("sim-digest", "sim"),
        ("xtask", ""),
    ]);
    let mut found = Vec::new();
    for (name, manifest) in manifests() {
        let allowed =
            allowed.get(name.as_str()).unwrap_or_else(|| panic!("{name} has no place among ARCHITECTURE's arrows"));
        let ours = manifest.dependencies.iter().filter_map(|d| d.strip_prefix("wharfage-"));
        found.extend(ours.filter(|d| !allowed.split(' ').any(|a| a == *d)).map(|d| format!("{name} -> wharfage-{d}")));
        assert_eq!(manifest.publish, name.starts_with("wharfage-"), "{name}: publish");
    }
    none(found, "there are no other arrows");
}

#[test]
fn every_platform_file_has_the_five_parts_in_order() {
    const PARTS: [&str; 5] = ["struct Usage", "struct Terms", "pub const RULES", "pub fn terms", "pub fn bill"];
    let folder = "crates/wharfage-core/src/platform/";
    let mut found = Vec::new();
    for (name, source) in sources().iter().filter(|(name, s)| name.starts_with(folder) && s.code.contains(PARTS[2])) {
        // Platforms made of nodes differ in their terms and lines; what they meter is one thing with one home.
        let shared = ["Usage", "Terms", "bill"].map(|part| source.code.lines().any(|l| is_shared(l, part)));
        let code = source.code.replace("enum Usage", "struct Usage").replace("enum Terms", "struct Terms");
        let places: Vec<Option<usize>> = PARTS.iter().map(|part| code.find(part)).collect();
        for (part, place) in PARTS.iter().zip(&places) {
            if place.is_none() && !(shared == [true; 3] && !part.contains("terms") && !part.contains("RULES")) {
                found.push(format!("{name} has no `{part}`"));
            }
        }
        if !places.iter().flatten().is_sorted() {
            found.push(format!("{name}: the order is {}", PARTS.join(", ")));
        }
    }
    none(found, "platform files are alike");
}

/// Does this line take a part of a platform file from the module of all nodes?
fn is_shared(line: &str, part: &str) -> bool {
    let names = line.strip_prefix("pub use super::nodes::{").and_then(|l| l.strip_suffix("};"));
    names.is_some_and(|names| names.split(", ").any(|name| name == part))
}

#[test]
fn every_rust_file_says_what_it_is() {
    let mut all = crate_texts();
    for folder in ["tests", "benches", "fuzz"] {
        all.extend(texts(folder, &[".rs"], &["target"]));
    }
    let silent = all.iter().filter(|(_, text)| !text.starts_with("//! "));
    none(silent.map(|(name, _)| name.clone()).collect(), "a file opens with its module doc");
}

#[test]
fn exceptions_state_their_reason_and_input_never_panics() {
    let mut found = Vec::new();
    for (name, source) in sources().iter().filter(|(name, _)| name.contains("/src/")) {
        for (n, line) in (1..).zip(untested(&source.code).lines()) {
            let bare = ["#[allow(", "#![allow("].iter().any(|a| line.contains(a));
            if bare && !line.contains("reason") {
                found.push(format!("{name}:{n}: {} (use #[expect(…, reason = …)])", line.trim()));
            }
            let panics = [".unwrap()", "panic!(", "todo!(", "unimplemented!("].iter().any(|p| line.contains(p));
            if panics && !name.starts_with("crates/xtask/") {
                found.push(format!("{name}:{n}: {}", line.trim()));
            }
        }
    }
    none(found, "`unwrap` is for tests, `expect` states why it can't happen");
}

#[test]
fn no_machine_has_left_its_paths() {
    let places: Vec<String> = ["work", "home", "root", "Users"].iter().map(|dir| format!("/{dir}/")).collect();
    let endings = [".rs", ".toml", ".md", ".csv", ".sh", ".py", ".json", ".txt", ".lock", ".html", "run", ".yml"];
    let skip = [".git", "target", "ledger", "node_modules"];
    let mut found = Vec::new();
    for (name, text) in texts("", &endings, &skip) {
        if name.starts_with("target") {
            continue;
        }
        for (n, line) in (1..).zip(text.lines()) {
            let left = places.iter().any(|p| {
                line.match_indices(p.as_str())
                    .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "-_.~".contains(c)))
            });
            if left {
                found.push(format!("{name}:{n}: {}", line.trim()));
            }
        }
    }
    none(found, "paths of one machine mean nothing on another");
}

#[test]
fn comments_leave_no_loose_ends() {
    let marks: Vec<String> =
        ["TO", "FIX", "XX"].iter().zip(["DO", "ME", "X"]).map(|(a, b)| format!("{a}{b}")).collect();
    let mut found = Vec::new();
    for (name, text) in crate_texts() {
        let lines = (1..).zip(text.lines()).filter(|(_, l)| marks.iter().any(|m| l.contains(m.as_str())));
        found.extend(lines.map(|(n, l)| format!("{name}:{n}: {}", l.trim())));
    }
    none(found, "what is left to do belongs into an issue");
}
