//! `docs/rules.md`: every rule, by platform, with its source and the figures it works with today.
//!
//! What a rule says and cites is in the code; `docs/rules.toml` says which terms and prices it works with.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
};

use rust_decimal::Decimal;
use serde::Deserialize;
use wharfage_api::prices::DataOnly;
use wharfage_core::{
    PriceBook, beside,
    book::{GLOBAL, Price, Term},
    commitment,
    platform::Platform,
    purchase::Purchase,
    rollout,
    rule::Rule,
    workload::Need,
};
use wharfage_tests::{golden, root, texts};

use crate::{
    ask::{self, cited},
    markdown::{GENERATED, References, count, table},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Worked {
    rule: Vec<With>,
    apart: Vec<Apart>,
}

/// What a rule works with, as patterns of keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    id: String,
    #[serde(default)]
    terms: Vec<String>,
    #[serde(default)]
    prices: Vec<String>,
    /// rules whose prices it works with as well
    #[serde(default)]
    like: Vec<String>,
}

/// Terms that no rule works with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Apart {
    terms: Vec<String>,
    reason: String,
}

fn worked() -> Worked {
    let text = fs::read_to_string(root().join("docs/rules.toml")).unwrap();
    toml::from_str(&text).unwrap_or_else(|e| panic!("docs/rules.toml: {e}"))
}

/// Does a key fit one of these patterns?
fn fit(patterns: &[String], key: &str) -> bool {
    let starts = |p: &String| key.starts_with(p.split('*').next().unwrap_or_default());
    let likely: Vec<String> = patterns.iter().filter(|p| starts(p)).cloned().collect();
    !likely.is_empty() && DataOnly { keys: likely, reason: String::new(), until: None }.pattern(key).is_some()
}

impl Worked {
    fn with(&self, id: &str) -> &With {
        self.rule.iter().find(|w| w.id == id).unwrap_or_else(|| panic!("docs/rules.toml has no rule {id}"))
    }

    /// Every pattern of prices, those of rules it is like among them.
    fn prices(&self, id: &str) -> Vec<String> {
        let with = self.with(id);
        let like = with.like.iter().flat_map(|id| self.prices(id));
        with.prices.iter().cloned().chain(like).collect()
    }
}

/// Rules under a heading.
struct Chapter {
    title: String,
    rules: Vec<&'static Rule>,
}

/// Services beside the compute, in the order of `beside::RULES`.
const BESIDE: [&str; 7] = [
    "Public IPv4 addresses",
    "Egress",
    "Events and Service Connect",
    "Images and builds",
    "Load balancers",
    "Logs",
    "NAT",
];

/// All of them, platforms with the same rules together.
fn chapters() -> Vec<Chapter> {
    let mut all: Vec<(Vec<Platform>, Vec<&'static Rule>)> = Vec::new();
    for platform in Platform::ALL {
        let rules: Vec<&Rule> = platform.rules().iter().collect();
        match all.iter_mut().find(|(_, known)| *known == rules) {
            Some((platforms, _)) => platforms.push(*platform),
            None => all.push((vec![*platform], rules)),
        }
    }
    let named = |p: &Platform| format!("{} (`{}`)", p.label(), p.id());
    let platforms = all
        .into_iter()
        .map(|(platforms, rules)| Chapter { title: platforms.iter().map(named).collect::<Vec<_>>().join(", "), rules });
    assert_eq!(BESIDE.len(), beside::RULES.len(), "each service beside the compute has a title");
    let services = BESIDE
        .iter()
        .zip(beside::RULES)
        .map(|(title, rules)| Chapter { title: format!("Beside the compute: {title}"), rules: rules.iter().collect() });
    let others = [("Canary deployments", rollout::RULES), ("Commitments", commitment::RULES)];
    let others = others.map(|(title, rules)| Chapter { title: title.to_owned(), rules: rules.iter().collect() });
    platforms.chain(services).chain(others).collect()
}

/// The page.
pub fn page() -> String {
    let (book, worked) = (wharfage_prices::book(), worked());
    let keys = keys(&book);
    let mut refs = References::default();
    let mut body = String::new();
    let mut printed = BTreeSet::new();
    for chapter in chapters() {
        let _ = write!(body, "## {}\n\n", chapter.title);
        for rule in chapter.rules {
            if printed.insert(rule.id) {
                body.push_str(&of_rule(&book, &keys, rule, worked.with(rule.id), &mut refs));
            } else {
                let _ = write!(body, "Also [`{}`](#{}): {}.\n\n", rule.id, anchor(rule.id), rule.says);
            }
        }
    }
    let edition = &book.edition().name;
    let intro = format!(
        "# Rules\n\n\
         How each platform bills, as wharfage reckons it: {} in all. A line of an estimate names its rule, and `--explain` \
         prints what stands here. The code holds the shape of a rule; its figures are terms and prices of the book, in force \
         on {edition}. Prices are in USD; where a key has prices in many regions, those of Virginia or Iowa, of Seoul, and the lowest \
         and highest stand here. `wharfage prices show KEY` has them all.\n\n",
        count(printed.len(), "rule")
    );
    let rest = format!("{}{}", offers(&book), apart(&book, &worked, &mut refs));
    format!("{GENERATED}{intro}{body}{rest}{}", refs.list())
}

/// The anchor of a rule's heading.
fn anchor(id: &str) -> String {
    id.replace('/', "-")
}

fn of_rule(book: &PriceBook<'_>, keys: &Keys, rule: &Rule, with: &With, refs: &mut References) -> String {
    let mut text = format!("### <a id=\"{}\"></a>`{}`\n\n", anchor(rule.id), rule.id);
    let _ = write!(text, "{}. Source: <{}>\n\n", sentence(rule.says), rule.source);
    let terms = term_rows(book, &with.terms, refs);
    if !terms.is_empty() {
        let _ = writeln!(text, "{}", table(["Term", "Value", "Unit", "Known"], &terms));
    }
    let prices = price_rows(book, keys, &with.prices, refs);
    if !prices.is_empty() {
        let heads = ["Price", "Per", "Virginia, Iowa", "Seoul", "Lowest", "Highest", "Regions", "Known"];
        let _ = writeln!(text, "{}", table(heads, &prices));
    }
    if !with.like.is_empty() {
        let like: Vec<String> = with.like.iter().map(|id| format!("[`{id}`](#{})", anchor(id))).collect();
        let _ = write!(text, "And the prices of {}.\n\n", like.join(", "));
    }
    text
}

fn sentence(says: &str) -> String {
    let mut chars = says.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A term's numbers: those of a row with `/` between them.
fn numbers(term: &Term<'_>) -> String {
    let row = |r| {
        (0..term.columns).map(|c| ask::in_words(term.at(r, c).normalize(), term.unit)).collect::<Vec<_>>().join("/")
    };
    (0..term.rows()).map(row).collect::<Vec<_>>().join(", ")
}

fn term_rows(book: &PriceBook<'_>, patterns: &[String], refs: &mut References) -> Vec<[String; 4]> {
    let mut rows = Vec::new();
    for (key, region) in book.term_series().into_iter().filter(|(key, _)| fit(patterns, key)) {
        let term = ask::term(book, key, region);
        let place = if region == GLOBAL { String::new() } else { format!(", {region}") };
        let known = format!("{} {}", term.basis.label(), refs.cite(&cited(&term.source)));
        rows.push([format!("`{key}`{place}"), numbers(&term), term.unit.to_owned(), known]);
    }
    rows
}

/// The entries of keys that no line cites.
fn data_only() -> Vec<DataOnly> {
    wharfage_api::prices::data_only(wharfage_prices::COVERAGE).expect("the list can be read")
}

/// Prices in force by key.
type Keys = BTreeMap<&'static str, Vec<Price<'static>>>;

/// Those that lines of estimates may cite.
fn keys(book: &PriceBook<'static>) -> Keys {
    let data_only = data_only();
    let mut keys = Keys::new();
    for of_key in book.series().chunk_by(|a, b| a.0 == b.0) {
        let (key, _) = of_key[0];
        let prices = of_key.iter().filter_map(|(_, region)| book.price(key, &[region], book.edition().date).ok());
        let prices: Vec<Price<'_>> = prices.collect();
        if !prices.is_empty() && !data_only.iter().any(|d| d.pattern(key).is_some()) {
            keys.insert(key, prices);
        }
    }
    keys
}

/// Keys that a pattern may have before only their number is printed.
const LISTED: usize = 16;

fn price_rows(book: &PriceBook<'_>, keys: &Keys, patterns: &[String], refs: &mut References) -> Vec<[String; 8]> {
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    for pattern in patterns {
        let fits = |key: &str| fit(std::slice::from_ref(pattern), key);
        let mine: Vec<_> = keys.iter().filter(|(key, _)| fits(key) && !seen.contains(*key)).collect();
        seen.extend(mine.iter().map(|(key, _)| **key));
        if mine.len() > LISTED {
            rows.push(many(pattern, &mine));
        } else {
            rows.extend(mine.into_iter().map(|(key, prices)| one(book, key, prices, refs)));
        }
    }
    rows
}

/// A key and where it is priced.
fn one(book: &PriceBook<'_>, key: &str, prices: &[Price<'_>], refs: &mut References) -> [String; 8] {
    let aws = key.starts_with("aws/");
    let [home, seoul] = if aws { ["us-east-1", "ap-northeast-2"] } else { ["us-central1", "asia-northeast3"] };
    let at = |region: &str| {
        let region = book.region(region).expect("it is in the tables");
        let scopes: Vec<&str> = [Some(region.id), region.tier, Some(GLOBAL)].into_iter().flatten().collect();
        book.price(key, &scopes, book.edition().date).ok()
    };
    let shown = |price: Option<Price<'_>>| price.map_or("-".to_owned(), |p| p.amount.to_string());
    let by_amount = |p: &&Price<'_>| p.amount;
    let (low, high) = (prices.iter().min_by_key(by_amount), prices.iter().max_by_key(by_amount));
    let first = at(home).or_else(|| at(seoul)).or(prices.first().copied());
    let known = first.map_or(String::new(), |p| format!("{} {}", p.basis.label(), refs.cite(&cited(&p.source))));
    let whole_world = prices.iter().all(|p| p.region == GLOBAL);
    [
        format!("`{key}`"),
        first.map_or(String::new(), |p| p.unit.label().to_owned()),
        shown(at(home)),
        shown(at(seoul)),
        shown(low.copied()),
        shown(high.copied()),
        if whole_world { "all".to_owned() } else { prices.len().to_string() },
        known,
    ]
}

/// Keys that are too many to list.
fn many(pattern: &str, keys: &[(&&'static str, &Vec<Price<'static>>)]) -> [String; 8] {
    let all = || keys.iter().flat_map(|(_, prices)| prices.iter());
    let amounts: BTreeSet<Decimal> = all().map(|p| p.amount).collect();
    let units: BTreeSet<&str> = all().map(|p| p.unit.label()).collect();
    let regions: BTreeSet<&str> = all().map(|p| p.region).collect();
    let bases: BTreeSet<&str> = all().map(|p| p.basis.label()).collect();
    let shown = |d: Option<&Decimal>| d.map(Decimal::to_string).unwrap_or_default();
    let list = |set: BTreeSet<&str>| set.into_iter().collect::<Vec<_>>().join(", ");
    [
        format!("`{pattern}`: {}", count(keys.len(), "key")),
        list(units),
        "-".to_owned(),
        "-".to_owned(),
        shown(amounts.first()),
        shown(amounts.last()),
        regions.len().to_string(),
        list(bases),
    ]
}

/// What platforms offer, by need.
fn offers(book: &PriceBook<'_>) -> String {
    let row = |platform: &Platform| {
        let has = |need: &Need| {
            let term = ask::term(book, &format!("needs/{}.{}", platform.id(), need.id()), GLOBAL);
            let mark = if term.value().is_zero() { "no" } else { "yes" };
            let observed = !["recalled", "derived"].contains(&term.basis.label());
            if observed { mark.to_owned() } else { format!("{mark} ({})", term.basis.label()) }
        };
        let limit = book.term(&format!("needs/{}.timeout-max", platform.id()), &[], book.edition().date);
        let limit = limit.map_or("-".to_owned(), |t| format!("{} s", t.value().normalize()));
        let cells = [format!("`{}`", platform.id())].into_iter().chain(Need::ALL.iter().map(has)).chain([limit]);
        cells.collect::<Vec<_>>()
    };
    let heads = ["Platform"].into_iter().chain(Need::ALL.iter().map(|n| n.id())).chain(["longest request"]);
    let mut text = "## What platforms offer\n\n\
        A workload that `--needs` something, or a `--timeout`, is infeasible where it is not to be had.\n\n"
        .to_owned();
    let _ = writeln!(text, "| {} |", heads.clone().collect::<Vec<_>>().join(" | "));
    let _ = writeln!(text, "|{}", " --- |".repeat(heads.count()));
    for platform in Platform::ALL {
        let _ = writeln!(text, "| {} |", row(platform).join(" | "));
    }
    text.push('\n');
    text
}

/// Terms of no rule.
fn apart(book: &PriceBook<'_>, worked: &Worked, refs: &mut References) -> String {
    let mut text = "## Terms of no rule\n\n".to_owned();
    for a in &worked.apart {
        let patterns: Vec<String> = a.terms.iter().map(|t| format!("`{t}`")).collect();
        let _ = write!(text, "{}: {}.\n\n", patterns.join(", "), a.reason);
        if a.terms != ["needs/*"] {
            let _ = writeln!(text, "{}", table(["Term", "Value", "Unit", "Known"], &term_rows(book, &a.terms, refs)));
        }
    }
    text
}

/// A sku without the commitment it is covered by: a share of its list price has no key of its own.
fn bought(sku: &str) -> &str {
    let ids = Purchase::ALL.iter().map(|p| p.id());
    let covered = ids.filter_map(|id| sku.strip_suffix(id)?.strip_suffix('.'));
    covered.min_by_key(|rest| rest.len()).unwrap_or(sku)
}

fn ids() -> BTreeSet<&'static str> {
    chapters().into_iter().flat_map(|c| c.rules).map(|r| r.id).collect()
}

#[track_caller]
fn none(found: &[String], what: &str) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

#[test]
fn every_rule_of_core_is_on_the_page() {
    let page = page();
    let mut declared = BTreeSet::new();
    for (name, text) in texts("crates/wharfage-core/src", &[".rs"], &[]) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, _) in code.match_indices(": Rule =") {
            let id = code[at..].split("id: \"").nth(1).and_then(|rest| rest.split('"').next());
            let id = id.unwrap_or_else(|| panic!("{name}: a rule without an id"));
            assert!(declared.insert(id.to_owned()), "{name}: two rules are called {id}");
        }
    }
    let missing: Vec<String> = declared.iter().filter(|id| !page.contains(&format!("</a>`{id}`\n"))).cloned().collect();
    none(&missing, "not in docs/rules.md: its platform's RULES, or `beside::RULES`, does not list it");
    assert_eq!(declared.iter().map(String::as_str).collect::<BTreeSet<_>>(), ids());
}

#[test]
fn every_rule_says_which_figures_it_works_with() {
    let listed: Vec<String> = worked().rule.into_iter().map(|w| w.id).collect();
    let unique: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
    assert_eq!(unique, ids(), "docs/rules.toml and the rules of core");
    assert_eq!(unique.len(), listed.len(), "each once");
}

#[test]
fn every_term_stands_under_a_rule_or_is_said_to_have_none() {
    let (book, worked) = (wharfage_prices::book(), worked());
    let mut found = Vec::new();
    for (key, _) in book.term_series() {
        let ruled = worked.rule.iter().any(|w| fit(&w.terms, key));
        // A convention of wharfage's own may serve a rule as well.
        let apart = worked.apart.iter().any(|a| fit(&a.terms, key));
        if !ruled && !apart || ruled && apart && !key.starts_with("wharfage/") {
            found.push(key.to_owned());
        }
    }
    none(&found, "under no rule, or under a rule and apart");
    let keys = book.term_series();
    let idle = |p: &String| !keys.iter().any(|(key, _)| fit(std::slice::from_ref(p), key));
    let patterns = worked.rule.iter().flat_map(|w| &w.terms).chain(worked.apart.iter().flat_map(|a| &a.terms));
    none(&patterns.filter(|p| idle(p)).cloned().collect::<Vec<_>>(), "no term fits");
}

#[test]
fn every_price_stands_under_a_rule_or_is_data_only() {
    let (book, worked) = (wharfage_prices::book(), worked());
    let data_only = data_only();
    let keys: BTreeSet<&str> = book.series().into_iter().map(|(key, _)| key).collect();
    let known = |key: &&&str| {
        worked.rule.iter().any(|w| fit(&w.prices, key)) || data_only.iter().any(|d| d.pattern(key).is_some())
    };
    none(&keys.iter().filter(|k| !known(k)).map(|k| (*k).to_owned()).collect::<Vec<_>>(), "under no rule");
    let idle = |p: &String| !keys.iter().any(|key| fit(std::slice::from_ref(p), key));
    let patterns = worked.rule.iter().flat_map(|w| &w.prices).filter(|p| *p != "gcp/cloud-run/credit");
    none(&patterns.filter(|p| idle(p)).cloned().collect::<Vec<_>>(), "no price fits");
}

#[test]
fn every_line_of_the_goldens_cites_a_rule_that_works_with_its_price() {
    let worked = worked();
    let mut found = BTreeSet::new();
    for file in golden::requests() {
        let response = golden::response(&golden::request(&file));
        for line in response.estimates.iter().flat_map(|e| &e.lines) {
            let with = worked.with(&line.rule);
            let (sku, prices) = (bought(&line.sku), worked.prices(&line.rule));
            let unused = line.sku.ends_with(".unused");
            let known = fit(&prices, &line.sku) || fit(&prices, sku) || fit(&with.terms, &line.sku);
            if !unused && !known {
                found.insert(format!("{} cites {}", line.sku, line.rule));
            }
        }
    }
    none(&found.into_iter().collect::<Vec<_>>(), "docs/rules.toml does not connect them");
}
