//! Writes answers: to the standard output, or to a file whole or not at all.

use std::{
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use clap::ArgMatches;
use wharfage_core::{Diagnostic, Text, text};

/// Writes `text` where the arguments say.
pub fn write(matches: &ArgMatches, text: &str) -> Result<(), Diagnostic> {
    match matches.try_get_one::<PathBuf>("output").ok().flatten() {
        Some(path) => to_file(path, text, matches.get_flag("force")),
        None => to_stdout(text),
    }
}

/// A closed pipe (`| head`) is how some readers say that they have enough.
pub fn to_stdout(text: &str) -> Result<(), Diagnostic> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            let d = Diagnostic::error("output/failed", text!("the answer can't be written: {why}", why = why(&e)));
            Err(d.help("choose another place with -o"))
        }
        _ => Ok(()),
    }
}

/// Can a file be written, as far as can be told beforehand?
pub fn check(path: &Path, force: bool) -> Result<(), Diagnostic> {
    match path.metadata() {
        Ok(m) if m.is_dir() => Err(directory(path)),
        Ok(m) if m.is_file() && !force => Err(exists(path)),
        Ok(_) => Ok(()),
        Err(_) => folder_of(path).metadata().map_err(|e| failed(path, &e)).and_then(|folder| match folder.is_dir() {
            true => Ok(()),
            false => Err(failed(path, &ErrorKind::NotADirectory.into())),
        }),
    }
}

/// Can all files that the arguments name be written, as far as can be told beforehand? Nobody waits for an answer to learn that.
pub fn check_all(matches: &ArgMatches) -> Vec<Diagnostic> {
    let named = ["series", "plot", "output"];
    let paths: Vec<&PathBuf> =
        named.into_iter().filter_map(|name| matches.try_get_one::<PathBuf>(name).ok().flatten()).collect();
    let force = matches.get_flag("force");
    let checked = |(n, path): (usize, &&PathBuf)| match paths[..n].iter().any(|other| is_same(path, other)) {
        true => Err(twice(path)),
        false => check(path, force),
    };
    paths.iter().enumerate().filter_map(|found| checked(found).err()).collect()
}

/// Are these one file, of which one answer would take the other's place?
fn is_same(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| {
        let whole = path.canonicalize().or_else(|_| {
            folder_of(path).canonicalize().map(|folder| folder.join(path.file_name().unwrap_or_default()))
        });
        whole.unwrap_or_else(|_| path.to_owned())
    };
    place(a) == place(b) && a.metadata().map_or(true, |m| m.is_file())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file, whole or not at all.
pub fn to_file(path: &Path, content: impl AsRef<[u8]>, force: bool) -> Result<(), Diagnostic> {
    check(path, force)?;
    let content = content.as_ref();
    // A device or a pipe (`-o /dev/null`) holds nothing that could be lost.
    if path.metadata().is_ok_and(|m| !m.is_file()) {
        return fs::write(path, content).map_err(|e| failed(path, &e));
    }
    replace(&path.canonicalize().unwrap_or_else(|_| path.to_owned()), content, force).map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => exists(path),
        _ => failed(path, &e),
    })
}

/// Writes beside the place and moves there, so that a reader never sees half of it.
fn replace(path: &Path, content: &[u8], force: bool) -> std::io::Result<()> {
    let mut file = readable().tempfile_in(folder_of(path))?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    let kept = if force { file.persist(path) } else { file.persist_noclobber(path) };
    kept.map(|_| ()).map_err(|e| e.error)
}

/// Writes files into a folder: all of them are written beside their places before the first is moved there.
///
/// # Errors
/// Nothing is written where a file is there already (unless `force`), or can't be written.
pub fn to_folder(folder: &Path, files: &[(String, String)], force: bool) -> Result<(), Vec<Diagnostic>> {
    let taken = |path: PathBuf| match path.symlink_metadata() {
        Ok(m) if m.is_dir() => Some(directory(&path)),
        Ok(_) if !force => Some(exists(&path)),
        _ => None,
    };
    let taken: Vec<Diagnostic> = files.iter().filter_map(|(name, _)| taken(folder.join(name))).collect();
    if !taken.is_empty() {
        return Err(taken);
    }
    let made = !folder.exists();
    all_into(folder, files, force).map_err(|e| {
        if made {
            // Only if it is empty, as it is where nothing was written.
            let _ = fs::remove_dir(folder);
        }
        vec![failed(folder, &e)]
    })
}

fn all_into(folder: &Path, files: &[(String, String)], force: bool) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut staged = Vec::new();
    for (name, text) in files {
        let mut file = readable().tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        staged.push((file, folder.join(name)));
    }
    for (file, path) in staged {
        let kept = if force { file.persist(path) } else { file.persist_noclobber(path) };
        kept.map_err(|e| e.error)?;
    }
    Ok(())
}

/// Temporary files are private by default; an answer has the rights of any new file. The name says whose it is where a signal
/// leaves one behind.
fn readable() -> tempfile::Builder<'static, 'static> {
    #[allow(unused_mut, reason = "only Unix has such rights")]
    let mut builder = tempfile::Builder::new();
    builder.prefix(".wharfage-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

fn exists(path: &Path) -> Diagnostic {
    let message = text!("`{path}` exists", path = path.display().to_string());
    Diagnostic::error("output/exists", message).help("nothing was written; --force overwrites it")
}

fn twice(path: &Path) -> Diagnostic {
    let message = text!("`{path}` would be written twice", path = path.display().to_string());
    Diagnostic::error("output/twice", message).help("nothing was written; name a file of its own for each")
}

fn directory(path: &Path) -> Diagnostic {
    let message = text!("`{path}` is a directory", path = path.display().to_string());
    Diagnostic::error("output/directory", message).help("nothing was written; name a file in it")
}

fn failed(path: &Path, e: &std::io::Error) -> Diagnostic {
    let message = text!("`{path}` can't be written: {why}", path = path.display().to_string(), why = why(e));
    Diagnostic::error("output/failed", message).help("nothing was written; choose another place")
}

fn why(e: &std::io::Error) -> Text {
    match e.kind() {
        ErrorKind::NotFound => Text::from("there is no such folder"),
        ErrorKind::PermissionDenied => "permission is denied".into(),
        ErrorKind::NotADirectory => "a part of its path is a file, not a folder".into(),
        ErrorKind::AlreadyExists => "it is a file, not a folder".into(),
        ErrorKind::StorageFull => "no space is left there".into(),
        ErrorKind::ReadOnlyFilesystem => "what is there can only be read".into(),
        _ => Text::known(e.to_string()),
    }
}
