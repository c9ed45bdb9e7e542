//! Counts the price tables, for CI's log: what became of the collected facts, and how much is kept.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{root, run::Outcome};

/// Rows collected before the first release.
const FACTS: u64 = 62_177;

/// Prints the counts; fails where the accounting does not add up.
pub fn counts() -> Outcome {
    let folder = root().join("pricing-data");
    let text = fs::read_to_string(folder.join("accounting.toml")).map_err(|e| format!("accounting.toml: {e}"))?;
    let [rows, kept, merged, superseded, left_out] =
        ["rows", "in", "merged", "superseded", "left_out"].map(|k| sum(&text, k));
    println!("facts: {rows} rows = {kept} in + {merged} merged + {superseded} superseded + {left_out} left out");
    if rows != FACTS || rows != kept + merged + superseded + left_out {
        return Err(format!("accounting.toml accounts for {rows} rows, not {FACTS}, or its columns do not add up"));
    }
    let (mut prices, mut terms, mut files) = (0, 0, 0);
    for path in tables(&folder).map_err(|e| format!("pricing-data: {e}"))? {
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        files += 1;
        if path.extension().is_some_and(|e| e == "csv") {
            prices += if path.ends_with("shapes.csv") { 0 } else { text.lines().count().saturating_sub(1) };
        } else {
            prices += text.lines().filter(|l| l.contains("price = \"")).count();
            terms += text.lines().filter(|l| l.trim() == "[[term]]").count();
        }
    }
    println!("tables: {prices} prices and {terms} terms in {files} files");
    Ok(())
}

fn sum(text: &str, key: &str) -> u64 {
    let values =
        text.lines().filter_map(|l| l.strip_prefix(key)?.trim_start().strip_prefix('=')?.trim().parse::<u64>().ok());
    values.sum()
}

/// Every table of the built-in book.
fn tables(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("ledger") && !path.ends_with("lesson") {
            all.extend(tables(&path)?);
        } else if path.extension().is_some_and(|e| e == "toml" || e == "csv") && !path.ends_with("accounting.toml") {
            all.push(path);
        }
    }
    Ok(all)
}
