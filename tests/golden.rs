//! Every `golden/**/request.toml` prints its `expected.json`, and its `expected.txt` in a terminal of 80 columns; where a case
//! has an `expected.csv` or `expected.md`, these too. Re-bless with `cargo xtask bless`; read the diff.
//!
//! A comparison is `golden/diff/CASE/` with `before` and `after` as requests or kept answers, and `limit` where one is set. A
//! recommendation is `golden/recommend/CASE/wanted.toml`, a break-even `golden/break-even/CASE/varied.json`. All three are expected in
//! every format.

use std::{fs, path::Path};

use expect_test::expect_file;
use wharfage_api::{
    break_even, csv,
    diff::{self, Kind, Side},
    recommend::recommend,
    response::{EstimateResponse, to_json},
};
use wharfage_cli::table::{Look, draw};
use wharfage_core::text::Catalogue;
use wharfage_tests::golden::{frozen_book, request, response};

const TERMINAL: Look =
    Look { width: Some(80), colour: false, quiet: false, markdown: false, words: &Catalogue::ENGLISH };
const MARKDOWN: Look = Look { width: None, colour: false, quiet: false, markdown: true, words: &Catalogue::ENGLISH };

fn prints_what_is_expected(file: &Path) -> datatest_stable::Result<()> {
    let request = request(file);
    let response = response(&request);
    let command = request.command.as_deref().unwrap_or("estimate");
    let expected = |name: &str| fs::canonicalize(file).map(|file| file.with_file_name(name));
    expect_file![expected("expected.json")?].assert_eq(&to_json(&response));
    expect_file![expected("expected.txt")?].assert_eq(&draw(command, &response, &TERMINAL));
    let (sheet, page) = (expected("expected.csv")?, expected("expected.md")?);
    if sheet.is_file() {
        // Expected texts are kept with the line ends of the checkout.
        expect_file![sheet].assert_eq(&csv::estimates(&response).replace("\r\n", "\n"));
    }
    if page.is_file() {
        expect_file![page].assert_eq(&draw(command, &response, &MARKDOWN));
    }
    Ok(())
}

fn compares_as_expected(file: &Path) -> datatest_stable::Result<()> {
    let file = fs::canonicalize(file)?;
    let folder = file.parent().expect("a case is a folder");
    let (before, after) = (Kept::of(folder, "before"), Kept::of(folder, "after"));
    let limit = fs::read_to_string(folder.join("limit")).ok();
    let limit = limit.map(|l| diff::threshold(&l).unwrap_or_else(|f| panic!("{f:?}")));
    let answer = diff::diff(before.side(), after.side(), limit.as_ref());
    expect_file![folder.join("expected.json")].assert_eq(&to_json(&answer));
    expect_file![folder.join("expected.txt")].assert_eq(&wharfage_cli::table::diff::draw(&answer, &TERMINAL));
    expect_file![folder.join("expected.md")].assert_eq(&wharfage_cli::diff::markdown::draw(&answer, &MARKDOWN));
    expect_file![folder.join("expected.csv")].assert_eq(&csv::comparison(&answer).replace("\r\n", "\n"));
    Ok(())
}

fn recommends_as_expected(file: &Path) -> datatest_stable::Result<()> {
    let answer = recommend(&request(file), &frozen_book()).unwrap_or_else(|found| panic!("{found:#?}"));
    let expected = |name: &str| fs::canonicalize(file).map(|file| file.with_file_name(name));
    expect_file![expected("expected.json")?].assert_eq(&to_json(&answer));
    expect_file![expected("expected.txt")?].assert_eq(&wharfage_cli::table::recommend::draw(&answer, &TERMINAL));
    expect_file![expected("expected.md")?].assert_eq(&wharfage_cli::table::recommend::draw(&answer, &MARKDOWN));
    expect_file![expected("expected.csv")?].assert_eq(&csv::recommendation(&answer).replace("\r\n", "\n"));
    Ok(())
}

fn crosses_as_expected(file: &Path) -> datatest_stable::Result<()> {
    let asked = serde_json::from_str(&fs::read_to_string(file)?)?;
    let answer = break_even::respond(&asked, &frozen_book()).unwrap_or_else(|found| panic!("{found:#?}"));
    let expected = |name: &str| fs::canonicalize(file).map(|file| file.with_file_name(name));
    expect_file![expected("expected.json")?].assert_eq(&to_json(&answer));
    expect_file![expected("expected.txt")?].assert_eq(&wharfage_cli::table::break_even::draw(&answer, &TERMINAL));
    expect_file![expected("expected.md")?].assert_eq(&wharfage_cli::table::break_even::draw(&answer, &MARKDOWN));
    expect_file![expected("expected.csv")?].assert_eq(&csv::break_even(&answer).replace("\r\n", "\n"));
    Ok(())
}

/// A side of a comparison.
struct Kept {
    name: String,
    kind: Kind,
    response: EstimateResponse,
}

impl Kept {
    fn of(folder: &Path, side: &str) -> Self {
        let path = folder.join(format!("{side}.toml"));
        if path.is_file() {
            let response = response(&request(&path));
            return Self { name: format!("{side}.toml"), kind: Kind::Request, response };
        }
        let name = format!("{side}.json");
        let text = fs::read_to_string(folder.join(&name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let response = diff::read::response(&name, &text).unwrap_or_else(|d| panic!("{d:?}"));
        Self { name, kind: Kind::Response, response }
    }

    fn side(&self) -> Side<'_> {
        Side { name: &self.name, kind: self.kind, flags: &[], response: &self.response }
    }
}

datatest_stable::harness! {
    { test = prints_what_is_expected, root = "golden", pattern = r"/request\.toml$" },
    { test = compares_as_expected, root = "golden/diff", pattern = r"/after\.toml$" },
    { test = recommends_as_expected, root = "golden/recommend", pattern = r"/wanted\.toml$" },
    { test = crosses_as_expected, root = "golden/break-even", pattern = r"/varied\.json$" },
}
