//! `errors/CODE/CASE`: an input for every diagnostic, and its exact text. Re-bless with `cargo xtask bless`; read the diff.
//!
//! A case with `args` (separated by spaces) runs the program in a copy of its folder, with `stdin` on the standard input
//! where there is such a file. `expected.txt` is the standard error and the exit code, `expected.json` the standard output
//! with `--format json`. A case with `book/` is a mistake that only the book's own tables can make.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use expect_test::expect_file;
use serde::Deserialize;
use wharfage_api::{diagnostics, response::to_json};
use wharfage_core::{
    Diagnostic,
    book::check,
    diagnostic::{Place, line_column},
};
use wharfage_tests::{
    parse,
    program::{self, Ran},
    root, texts,
};

/// Codes without a folder, with why.
const NO_FOLDER: [(&str, &str); 4] = [
    ("output/undrawn", "a picture that its library can't draw: no input makes it fail"),
    ("simulate/cut", "it takes a Ctrl-C in the middle of a run"),
    ("coverage/syntax", "the texts are built in, and `prices coverage` is tested"),
    ("table/too-large", "it takes four thousand million rows"),
];

#[derive(Deserialize)]
struct Told {
    schema: u32,
    diagnostics: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    code: String,
    message: String,
    labels: Vec<Label>,
    help: Option<String>,
}

#[derive(Deserialize)]
struct Label {
    text: String,
}

/// Every case's folder, from `errors/`.
fn cases() -> Vec<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root().join("tests/errors")];
    while let Some(folder) = folders.pop() {
        if folder.join("args").is_file() || folder.join("book").is_dir() {
            found.insert(folder);
            continue;
        }
        folders.extend(fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()));
    }
    found.into_iter().collect()
}

/// The code that a case is for: the folders between `errors/` and the case's own.
fn code_of(case: &Path) -> String {
    let folder = case.parent().unwrap().strip_prefix(root().join("tests/errors")).unwrap();
    folder.to_string_lossy().replace('\\', "/")
}

fn name_of(case: &Path) -> String {
    format!("{}/{}", code_of(case), case.file_name().unwrap().to_string_lossy())
}

/// Every case with what it tells.
fn all() -> &'static [(PathBuf, (String, String))] {
    static ALL: OnceLock<Vec<(PathBuf, (String, String))>> = OnceLock::new();
    ALL.get_or_init(|| cases().into_iter().map(|case| (case.clone(), told(&case))).collect())
}

/// What a person reads, and what a script reads.
fn told(case: &Path) -> (String, String) {
    if case.join("book").is_dir() { told_of_tables(case) } else { told_by_program(case) }
}

fn told_by_program(case: &Path) -> (String, String) {
    let args = fs::read_to_string(case.join("args")).unwrap();
    let args: Vec<&str> = args.split_whitespace().collect();
    let stdin = fs::read(case.join("stdin")).unwrap_or_default();
    let run = |args: &[&str]| {
        let folder = program::scratch(&format!("errors/{}", name_of(case)));
        copy(case, &folder);
        let before = contents(&folder);
        let ran = program::run_with(&folder, args, &stdin);
        assert_eq!(contents(&folder), before, "{}: a refused request writes nothing", name_of(case));
        ran
    };
    let plain = run(&args);
    assert_eq!(plain.stdout, "", "{}: the standard output is for answers", name_of(case));
    // A flag that misses its value would take what follows.
    let (first, rest) = args.split_at(if code_of(case) == "usage" { 1 } else { args.len() });
    let json = run(&[first, &["--format", "json"], rest].concat());
    let at_most = |a: &Ran, b: &Ran| a.code == b.code && a.stderr == b.stderr;
    // An argument more changes what clap says, but not that it says it.
    assert!(code_of(case) == "usage" || at_most(&plain, &json), "{}: {plain:?} {json:?}", name_of(case));
    (format!("{}[exit code {}]\n", plain.stderr, plain.code.unwrap()), json.stdout)
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (source, name) = (entry.path(), entry.file_name());
        if source.is_dir() {
            fs::create_dir_all(to.join(&name)).unwrap();
            copy(&source, &to.join(&name));
        } else if !["args", "stdin", "expected.txt", "expected.json"].iter().any(|n| name == *n) {
            fs::copy(source, to.join(name)).unwrap();
        }
    }
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut all = BTreeMap::new();
    for path in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if path.is_dir() {
            all.extend(contents(&path));
        }
        all.insert(path.clone(), fs::read(&path).ok());
    }
    all
}

/// As the build script of the tables says it.
fn told_of_tables(case: &Path) -> (String, String) {
    let folder = case.strip_prefix(root()).unwrap().join("book").to_string_lossy().replace('\\', "/");
    let short = |name: String| name[folder.len() + 1..].to_owned();
    let texts: BTreeMap<_, _> = texts(&folder, &[".toml"], &[]).into_iter().map(|(n, t)| (short(n), t)).collect();
    let (tables, mut found) = parse(&texts);
    if found.is_empty() {
        found = check::tables(&tables, None);
    }
    let text = found.iter().map(|d| plain(d, &texts)).collect();
    (text, to_json(&diagnostics(&found)))
}

fn plain(d: &Diagnostic, texts: &BTreeMap<String, String>) -> String {
    let mut text = format!("error[{}]: {}\n", d.code, d.message);
    for label in &d.labels {
        if let Place::File { name, span } = &label.place {
            let (line, column) = line_column(&texts[name], span.start);
            writeln!(text, "  --> {name}:{line}:{column}: {}", label.text).unwrap();
        }
    }
    if let Some(help) = &d.help {
        writeln!(text, "  = help: {help}").unwrap();
    }
    text
}

#[test]
fn each_case_is_told_as_expected() {
    for (case, (text, json)) in all() {
        expect_file![case.join("expected.txt")].assert_eq(text);
        expect_file![case.join("expected.json")].assert_eq(json);
    }
}

#[test]
fn each_case_provokes_its_code_and_says_a_way_out() {
    for (case, (_, json)) in all() {
        let (name, code) = (name_of(case), code_of(case));
        let told: Told = serde_json::from_str(json).unwrap_or_else(|e| panic!("{name}: {e}\n{json}"));
        assert_eq!(told.schema, 1, "{name}");
        assert!(told.diagnostics.iter().any(|d| d.code == code), "{name}: nothing in it is {code}");
        for d in &told.diagnostics {
            assert!(d.help.as_deref().is_some_and(|h| !h.is_empty()), "{name}: {} has no help", d.code);
            assert!(!d.message.ends_with('.') && !d.message.starts_with(char::is_uppercase), "{name}: {}", d.message);
            let long = d.labels.iter().map(|l| &l.text).chain([&d.message]).find(|t| t.chars().count() > 160);
            assert!(long.is_none(), "{name}: {long:?} is too long to read");
        }
    }
}

#[test]
fn no_message_quotes_more_of_a_line_than_a_terminal_shows() {
    for (case, (text, _)) in all() {
        let quoted = text.lines().filter(|l| l.contains(" | "));
        let widest = quoted.map(|l| l.chars().count()).max().unwrap_or(0);
        assert!(widest <= 140, "{}: a line of {widest} characters", name_of(case));
        assert!(!text.contains('\u{1b}') && !text.contains("\r"), "{}: control characters", name_of(case));
    }
}

/// The codes of a Rust file: the first text after `error(`, where it looks like a code.
fn codes_in(source: &str) -> BTreeSet<String> {
    let untested = &source[..source.find("#[cfg(test)]").unwrap_or(source.len())];
    let mut found = BTreeSet::new();
    for (at, call) in untested.match_indices("error(") {
        let rest = &untested[at + call.len()..];
        let Some((before, after)) = rest.split_once('"') else { continue };
        // `error(t, "price/key", …)` and `error(\n    "price/key", …)`
        let arguments = before.trim();
        if !arguments.is_empty() && (arguments.len() > 10 || !arguments.ends_with(',')) {
            continue;
        }
        let text = after.split('"').next().unwrap_or_default();
        let plain = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        if text == "usage" || (text.split('/').count() == 2 && text.split('/').all(plain)) {
            found.insert(text.to_owned());
        }
    }
    found
}

#[test]
fn every_code_of_the_sources_has_a_folder_and_every_folder_a_code() {
    let sources = texts("crates", &[".rs"], &["target", "xtask", "tests", "benches"]);
    let codes: BTreeSet<String> = sources.values().flat_map(|s| codes_in(s)).collect();
    let folders: BTreeSet<String> = cases().iter().map(|c| code_of(c)).collect();
    let excused: BTreeSet<&str> = NO_FOLDER.iter().map(|(code, _)| *code).collect();
    let bare: Vec<_> = codes.iter().filter(|c| !folders.contains(*c) && !excused.contains(c.as_str())).collect();
    assert!(bare.is_empty(), "no tests/errors/ folder for {bare:?}");
    let unknown: Vec<_> = folders.difference(&codes).collect();
    assert!(unknown.is_empty(), "no source emits {unknown:?}");
    assert!(codes.len() > 40, "codes are found: {codes:?}");
}
