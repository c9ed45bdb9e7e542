//! What several test files need: where things lie, and reading them.

pub mod collect;
pub mod exact;
pub mod golden;
pub mod program;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use wharfage_core::{
    Diagnostic,
    book::{
        parse::{self, Owner},
        tables::Tables,
    },
};

/// The project's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies below the root").to_owned()
}

/// Texts of a folder's files with one of these endings, by their path from `root()`, with `/` between names. Entries
/// named in `skip` are left out, at any depth, and so are links.
pub fn texts(folder: &str, endings: &[&str], skip: &[&str]) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for entry in entries.map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
            let kind = entry.file_type().unwrap();
            if skip.contains(&name.as_str()) || kind.is_symlink() {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|e| name.ends_with(e)) {
                let shown = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{shown}: {e}"));
                let text = String::from_utf8_lossy(&bytes).into_owned();
                all.insert(shown, text);
            }
        }
    }
    all
}

/// The texts of the built-in tables, as `wharfage-prices`' build script reads them.
pub fn table_texts() -> BTreeMap<String, String> {
    texts("pricing-data", &[".toml", ".csv"], &["ledger", "lesson", "accounting.toml", "coverage.toml"])
}

/// Parses texts as the book's own tables.
pub fn parse(texts: &BTreeMap<String, String>) -> (Tables, Vec<Diagnostic>) {
    let mut tables = Tables::default();
    let mut found = Vec::new();
    for (name, text) in texts {
        found.extend(parse::file(name, text, Owner::Book, &mut tables));
    }
    (tables, found)
}
