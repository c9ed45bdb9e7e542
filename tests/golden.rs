//! Every `golden/**/request.toml` prints its `expected.json`, and its `expected.txt` in a terminal of 80 columns; where a case
//! has an `expected.csv` or `expected.md`, these too. Re-bless with `cargo xtask bless`; read the diff.

use std::{fs, path::Path};

use expect_test::expect_file;
use wharfage_api::{csv, response::to_json};
use wharfage_cli::table::{Look, draw};
use wharfage_tests::golden::{request, response};

const TERMINAL: Look = Look { width: Some(80), colour: false, quiet: false, markdown: false };
const MARKDOWN: Look = Look { width: None, colour: false, quiet: false, markdown: true };

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

datatest_stable::harness! {
    { test = prints_what_is_expected, root = "golden", pattern = r"/request\.toml$" },
}
