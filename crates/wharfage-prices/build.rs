//! Checks `pricing-data/` with core's own parser and compiles it. A broken table fails the build with file, line and
//! reason.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::exit,
};

use wharfage_core::{
    Diagnostic, PriceBook,
    book::{
        check,
        compile::{self, Compiled},
        parse::{self, Owner},
        tables::Tables,
    },
    diagnostic::{Place, line_column},
};

type Texts = BTreeMap<String, String>;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new("pricing-data");
    println!("cargo::rerun-if-changed={}", root.display());
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let base_texts = read(root, &["ledger", "lesson", "accounting.toml", "coverage.toml"])?;
    let base = compiled(&base_texts, None);
    fs::write(out.join("base.bin"), &base.bytes)?;
    fs::write(out.join("base.digest"), &base.digest)?;
    let book = PriceBook::new(&base.bytes, base.digest.clone()).ok_or("the tables declare no edition")?;
    let lesson = compiled(&read(&root.join("lesson"), &[])?, Some(&book));
    fs::write(out.join("lesson.bin"), &lesson.bytes)?;
    fs::write(out.join("lesson.digest"), &lesson.digest)?;
    Ok(())
}

fn read(folder: &Path, skip: &[&str]) -> Result<Texts, Box<dyn Error>> {
    let mut texts = Texts::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if skip.contains(&name) {
            continue;
        }
        if path.is_dir() {
            texts.extend(read(&path, &[])?);
        } else if name.ends_with(".toml") || name.ends_with(".csv") {
            let shown = path.to_string_lossy().replace('\\', "/");
            texts.insert(shown, fs::read_to_string(&path)?);
        }
    }
    Ok(texts)
}

fn compiled(texts: &Texts, base: Option<&PriceBook<'_>>) -> Compiled {
    let mut tables = Tables::default();
    let mut found = Vec::new();
    for (name, text) in texts {
        found.extend(parse::file(name, text, Owner::Book, &mut tables));
    }
    if found.is_empty() {
        found = check::tables(&tables, base.map(|b| b as &dyn check::Known));
    }
    if !found.is_empty() {
        report(&found, texts);
    }
    compile::compile(&tables).unwrap_or_else(|d| report(&[d], texts))
}

fn report(found: &[Diagnostic], texts: &Texts) -> ! {
    let mut shown = String::new();
    for d in found.iter().take(50) {
        let _ = write!(shown, "error[{}]: {}", d.code, d.message);
        for label in &d.labels {
            if let Place::File { name, span } = &label.place {
                let (line, column) = line_column(texts.get(name).map_or("", String::as_str), span.start);
                let _ = write!(shown, "\n  --> {name}:{line}:{column}: {}", label.text);
            }
        }
        if let Some(help) = &d.help {
            let _ = write!(shown, "\n  = help: {help}");
        }
        shown.push('\n');
    }
    eprintln!("{shown}{} mistakes in the price tables", found.len());
    exit(1)
}
