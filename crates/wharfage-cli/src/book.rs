//! The book that `--prices` asks for: built-in, another edition, or a user's tables over it.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use wharfage_core::{
    Diagnostic, PriceBook, Text,
    book::{
        check,
        compile::{self, Compiled},
        parse::{self, Owner},
        tables::Tables,
    },
    diagnostic::{did_you_mean, quoted},
    text,
};

use crate::input::Texts;

/// A user's tables, compiled; they must outlive the book over them.
pub struct UserTables {
    name: String,
    compiled: Compiled,
}

/// What `--prices` names.
pub enum Choice {
    Default,
    Lesson,
    User(UserTables),
}

/// Reads what `--prices` names.
pub fn choose(asked: Option<&str>, texts: &mut Texts) -> Result<Choice, Vec<Diagnostic>> {
    match asked {
        None => Ok(Choice::Default),
        Some("lesson") => Ok(Choice::Lesson),
        Some(name) if name == wharfage_prices::book().edition().name => Ok(Choice::Default),
        Some(path) if Path::new(path).is_dir() => user(path, texts).map(Choice::User),
        Some(other) => {
            let file = Path::new(other).is_file();
            let otherwise =
                if file { "name the directory it is in" } else { "name lesson, or a directory of your own tables" };
            let name = quoted(other);
            let message = if file {
                text!("`{name}` is a file", name)
            } else {
                text!("`{name}` is neither an edition nor a directory", name)
            };
            let d = Diagnostic::error("prices/unknown", message);
            Err(vec![d.help(did_you_mean(other, wharfage_prices::EDITIONS, otherwise))])
        }
    }
}

impl Choice {
    /// The book.
    pub fn book(&self) -> PriceBook<'_> {
        match self {
            Self::Default => wharfage_prices::book(),
            Self::Lesson => wharfage_prices::lesson(),
            Self::User(u) => wharfage_prices::book()
                .with_user_tables(&u.name, &u.compiled.bytes, &u.compiled.digest)
                .expect("the tables were compiled a moment ago"),
        }
    }
}

fn user(path: &str, texts: &mut Texts) -> Result<UserTables, Vec<Diagnostic>> {
    let (tables, mut found) = read(path, texts)?;
    if found.is_empty() {
        found = check::tables(&tables, Some(&wharfage_prices::book()));
    }
    if !found.is_empty() {
        return Err(found);
    }
    let compiled = compile::compile(&tables).map_err(|d| vec![d])?;
    Ok(UserTables { name: path.trim_end_matches('/').to_owned(), compiled })
}

/// A folder's tables as far as they can be read, and what is wrong with them.
///
/// # Errors
/// Where there is no folder, or no table in it.
pub fn read(path: &str, texts: &mut Texts) -> Result<(Tables, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut names = Vec::new();
    collect(Path::new(path), &mut names).map_err(|(folder, e)| vec![unreadable(&folder, &e)])?;
    names.sort();
    if names.is_empty() {
        let d = Diagnostic::error("prices/empty", text!("`{path}` holds no tables", path));
        return Err(vec![
            d.help("tables are files that end in .toml or .csv; their form is described in CONTRIBUTING.md"),
        ]);
    }
    let mut tables = Tables::default();
    let mut found = Vec::new();
    for name in names {
        match crate::input::read_text(&name) {
            Ok(text) => {
                found.extend(parse::file(&name, &text, Owner::User, &mut tables));
                texts.push((name, text));
            }
            Err(unreadable) => found.extend(unreadable),
        }
    }
    Ok((tables, found))
}

/// Files below a folder that may be tables. Hidden folders and links to folders are left out: the one are no place for tables
/// (`.git`, or the copies behind a mounted configuration), the other may lead around in circles.
fn collect(folder: &Path, names: &mut Vec<String>) -> Result<(), (PathBuf, std::io::Error)> {
    let on_it = |e| (folder.to_owned(), e);
    for entry in fs::read_dir(folder).map_err(on_it)? {
        let entry = entry.map_err(on_it)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(on_it)?);
        if kind.is_dir() {
            if !entry.file_name().as_encoded_bytes().starts_with(b".") {
                collect(&path, names)?;
            }
        } else if path.extension().is_some_and(|e| e == "toml" || e == "csv") && !path.is_dir() {
            names.push(path.to_string_lossy().into_owned());
        }
    }
    Ok(())
}

fn unreadable(folder: &Path, e: &std::io::Error) -> Diagnostic {
    let why = match e.kind() {
        ErrorKind::NotFound => Text::from("there is no such folder"),
        ErrorKind::NotADirectory => "it is a file, not a folder".into(),
        ErrorKind::PermissionDenied => "permission is denied".into(),
        _ => Text::known(e.to_string()),
    };
    let message = text!("`{path}` can't be read: {why}", path = folder.display().to_string(), why);
    Diagnostic::error("file/unreadable", message).help("check the path")
}
