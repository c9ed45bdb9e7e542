//! Writes answers: to the standard output, or to a file whole or not at all.

use std::{
    io::{ErrorKind, Write},
    path::Path,
};

use clap::ArgMatches;
use wharfage_core::Diagnostic;

/// Writes `text` where the arguments say.
pub fn write(matches: &ArgMatches, text: &str) -> Result<(), Diagnostic> {
    match matches.get_one::<std::path::PathBuf>("output") {
        Some(path) => to_file(path, text, matches.get_flag("force")),
        None => to_stdout(text),
    }
}

/// A closed pipe (`| head`) is how some readers say that they have enough.
pub fn to_stdout(text: &str) -> Result<(), Diagnostic> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            Err(Diagnostic::error("output/failed", format!("the answer can't be written: {e}")))
        }
        _ => Ok(()),
    }
}

fn to_file(path: &Path, text: &str, force: bool) -> Result<(), Diagnostic> {
    let failed = |e: &std::io::Error| {
        let message = format!("`{}` can't be written: {e}", path.display());
        Diagnostic::error("output/failed", message).help("nothing was written; choose another place with -o")
    };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| failed(&e))?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(|e| failed(&e))?;
    let kept = if force { file.persist(path) } else { file.persist_noclobber(path) };
    kept.map(|_| ()).map_err(|e| match e.error.kind() {
        ErrorKind::AlreadyExists => {
            let message = format!("`{}` exists", path.display());
            Diagnostic::error("output/exists", message).help("nothing was written; --force overwrites it")
        }
        _ => failed(&e.error),
    })
}
