//! A user's tables against the built-in ones: what is certainly wrong, and what is probably not meant.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wharfage_core::{
    Diagnostic, PriceBook,
    book::{
        check,
        tables::{At, Tables},
    },
    diagnostic::{Severity, did_you_mean, quoted},
    quantity::Unit,
    text,
    text::Text,
};

use crate::response::{DiagnosticOut, SCHEMA};

/// What a folder of tables holds, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckResponse {
    /// version of this form: 1
    pub schema: u32,
    /// the folder
    pub folder: String,
    /// how many files were read
    pub files: usize,
    /// how many rows were understood
    pub rows: usize,
    /// is nothing wrong; warnings may remain
    pub fine: bool,
    /// everything that is wrong or probably not meant
    pub diagnostics: Vec<DiagnosticOut>,
}

/// Codes of what may only seem wrong where another row could not be read: it may be the one that is missed.
const FOLLOWING: [&str; 2] = ["price/unknown-region", "price/unknown-source"];

/// Everything that is wrong with a user's tables, given what reading them `found`, and warnings: a key that the built-in
/// tables don't have is used by no line, and a price per another kind of thing than theirs neither.
pub fn check(tables: &Tables, mut found: Vec<Diagnostic>, book: &PriceBook<'_>) -> Vec<Diagnostic> {
    let unread = !found.is_empty();
    found.extend(check::tables(tables, Some(book)).into_iter().filter(|d| !unread || !FOLLOWING.contains(&d.code)));
    found.extend(strangers(tables, book));
    found
}

/// The answer to `prices check`.
pub fn checked(folder: &str, tables: &Tables, found: &[Diagnostic]) -> CheckResponse {
    CheckResponse {
        schema: SCHEMA,
        folder: folder.to_owned(),
        files: tables.files.len(),
        rows: rows(tables),
        fine: found.iter().all(|d| d.severity == Severity::Warning),
        diagnostics: crate::diagnostics(found).diagnostics,
    }
}

/// How many rows of any kind tables have.
fn rows(t: &Tables) -> usize {
    t.prices.len() + t.terms.len() + t.shapes.len() + t.regions.len() + t.sources.len()
}

fn strangers(tables: &Tables, book: &PriceBook<'_>) -> Vec<Diagnostic> {
    let day = book.edition().date;
    let mut units: BTreeMap<&str, Option<Unit>> = BTreeMap::new();
    for (key, region) in book.series() {
        let unit = units.entry(key).or_default();
        *unit = unit.or_else(|| book.price(key, &[region], day).ok().map(|p| p.unit));
    }
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for row in &tables.prices {
        match units.get(row.key.as_str()) {
            None if seen.insert(&row.key) => found.push(stranger(tables, &row.key, &row.at.key, units.keys().copied())),
            Some(Some(unit)) if unit.kind() != row.unit.kind() => {
                let message = text!(
                    "`{key}` is priced by {unit} in the built-in tables",
                    key = quoted(&row.key),
                    unit = unit.label()
                );
                let help = text!(
                    "no line can use a price per {own}: state it per {unit}",
                    own = row.unit.label(),
                    unit = unit.label()
                );
                found.push(
                    warning(tables, "price/other-unit", &row.at.unit, message, "another kind of unit").help(help),
                );
            }
            _ => {}
        }
    }
    let terms: BTreeSet<&str> = book.term_series().into_iter().map(|(key, _)| key).collect();
    for row in tables.terms.iter().filter(|r| !terms.contains(r.key.as_str())) {
        if seen.insert(&row.key) {
            found.push(stranger(tables, &row.key, &row.dated.at, terms.iter().copied()));
        }
    }
    found
}

fn stranger<'k>(t: &Tables, key: &str, at: &At, known: impl Iterator<Item = &'k str>) -> Diagnostic {
    let message = text!("the built-in tables have no `{key}`, so no line of an estimate uses it", key = quoted(key));
    let help = did_you_mean(key, known, "`wharfage prices list` has every key");
    warning(t, "price/unknown-key", at, message, "not a key that is used").help(help)
}

fn warning(t: &Tables, code: &'static str, at: &At, message: Text, label: &'static str) -> Diagnostic {
    let mut d = Diagnostic::error(code, message).at(&t.files[at.file], at.span.clone(), label);
    d.severity = Severity::Warning;
    d
}

#[cfg(test)]
mod tests {
    use wharfage_core::book::parse::{self, Owner};

    use super::*;

    fn codes(text: &str) -> Vec<(&'static str, Severity)> {
        let mut tables = Tables::default();
        let found = parse::file("own.toml", text, Owner::User, &mut tables);
        check(&tables, found, &wharfage_prices::book()).into_iter().map(|d| (d.code, d.severity)).collect()
    }

    fn row(key: &str, unit: &str, region: &str) -> String {
        format!(
            "[[price]]\nkey = \"{key}\"\nunit = \"{unit}\"\nregion = \"{region}\"\nvalues = [{{ price = \"0.5\" }}]\n"
        )
    }

    #[test]
    fn what_no_line_would_use_is_a_warning() {
        assert_eq!(codes(&row("aws/fargate/linux-x86.vcpu", "vCPU-Hours", "eu-west-1")), []);
        let key = codes(&row("aws/fargate/linux-x68.vcpu", "vCPU-Hours", "eu-west-1"));
        assert_eq!(key, [("price/unknown-key", Severity::Warning)]);
        let unit = codes(&row("aws/ecr/storage", "Hours", "eu-west-1"));
        assert_eq!(unit, [("price/other-unit", Severity::Warning)]);
    }

    #[test]
    fn mistakes_of_reading_and_of_meaning_are_one_trip_without_what_may_follow() {
        let bad = row("aws/fargate/linux-x86.vcpu", "GiB-Hours", "eu-west-1");
        let all = codes(&format!("{bad}{}", row("aws/fargate/linux-x86.memory", "parsecs", "atlantis")));
        let codes: Vec<&str> = all.iter().map(|(code, _)| *code).collect();
        assert!(codes.contains(&"price/unit-mismatch") && codes.len() >= 2, "{codes:?}");
        assert!(!codes.contains(&"price/unknown-region"), "{codes:?}");
    }
}
