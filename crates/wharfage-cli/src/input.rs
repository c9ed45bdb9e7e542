//! Reads the request: a file, the standard input, flags.

use std::{
    fs,
    io::{ErrorKind, Read},
    path::Path,
};

use clap::{ArgMatches, parser::ValueSource};
use wharfage_api::{
    read::{self, Reading},
    request::{EstimateRequest, Field, FieldKind, Overlay, WorkloadRequest},
    settings,
    simulate::{self, SimulateRequest},
};
use wharfage_core::{
    Diagnostic, Text,
    diagnostic::{Label, Place, nearest},
    text,
};

use crate::config::{self, Layer};

/// Texts that messages may quote, by name.
pub type Texts = Vec<(String, String)>;

/// What the arguments of `compare` or `estimate` ask for.
pub struct Input {
    /// the file's request with the flags laid over it
    pub read: Reading,
    /// fields that flags gave, by name
    given: Vec<&'static str>,
    /// fields that neither flags nor the file gave, with the place that sets them
    settings: Vec<(&'static str, &'static Layer)>,
}

/// The request that the arguments of `compare` or `estimate` ask for.
///
/// # Errors
/// Only where a file can't be read at all: what is wrong in it is part of the [`Input`].
pub fn request(command: &str, matches: &ArgMatches, texts: &mut Texts) -> Result<Input, Vec<Diagnostic>> {
    let read = match matches.get_one::<String>("file") {
        Some(path) => file(path, texts)?,
        None => Reading::default(),
    };
    let mut input = overlaid(read, matches, Overlay::Replacing);
    input.read.request.command = Some(command.to_owned());
    Ok(input)
}

/// The request that the arguments of `simulate` ask for.
///
/// # Errors
/// As [`request`].
pub fn simulation(matches: &ArgMatches, texts: &mut Texts) -> Result<Input, Vec<Diagnostic>> {
    let read = match matches.get_one::<String>("file") {
        Some(path) => file(path, texts)?,
        None => Reading::default(),
    };
    Ok(overlaid(read, matches, Overlay::Beside))
}

/// A file's name and text, kept for messages that quote it.
///
/// # Errors
/// Where the file can't be read at all.
pub fn text_of<'t>(path: &str, texts: &'t mut Texts) -> Result<(&'t str, &'t str), Vec<Diagnostic>> {
    let text = read_text(path)?;
    texts.push((shown(path), text));
    let (name, text) = &texts[texts.len() - 1];
    Ok((name, text))
}

/// A file's request, as far as it is understood.
///
/// # Errors
/// Where the file can't be read at all.
fn file(path: &str, texts: &mut Texts) -> Result<Reading, Vec<Diagnostic>> {
    text_of(path, texts).map(|(name, text)| read::reading(name, text))
}

/// A file's request with the flags laid over it and the settings below it.
pub fn overlaid(mut read: Reading, matches: &ArgMatches, overlay: Overlay) -> Input {
    let (flags, given) = flags(matches);
    read.origins.overrule(&given);
    read.request.overrule(&flags, overlay);
    let settings = settle(&mut read.request);
    Input { read, given, settings }
}

/// A file's request with what is set once, where no flags overrule it.
///
/// # Errors
/// Where the file can't be read at all.
pub fn from_file(path: &str, texts: &mut Texts) -> Result<Input, Vec<Diagnostic>> {
    let mut read = file(path, texts)?;
    let settings = settle(&mut read.request);
    Ok(Input { read, given: Vec::new(), settings })
}

impl Input {
    /// Everything that is wrong with the request, in the file and in the flags.
    pub fn mistakes(&self, mut asked: Vec<Diagnostic>) -> Vec<Diagnostic> {
        // What seems to be absent may be set, misspelled.
        asked.retain(|d| config::layers().found.is_empty() || d.code != "request/missing");
        let mut all = self.read.mistakes(asked);
        for label in all.iter_mut().flat_map(|d| &mut d.labels) {
            self.name_flag(label);
        }
        // A flag is laid over every workload of a file: its mistake is told once.
        let mut seen: Vec<Diagnostic> = Vec::new();
        all.retain(|d| {
            let new = in_file(d) || !seen.contains(d);
            if new && !in_file(d) {
                seen.push(d.clone());
            }
            new
        });
        all
    }

    /// A label on a field that stands in no file: the flag it came from, or where it could be given.
    fn name_flag(&self, label: &mut Label) {
        let Place::Field(path) = &label.place else { return };
        let field = read::unindexed(path.rsplit('.').next().unwrap_or(path));
        if let Some((_, layer)) = self.settings.iter().find(|(f, _)| *f == field) {
            return layer.name(label);
        }
        let (flag, file) = (flag(field), &self.read.origins.name);
        if field == "workload" {
            label.place = Place::Nowhere;
        } else if self.given.contains(&field) || file.is_empty() {
            label.text = Text::plain(flag);
            label.place = Place::Field(field.to_owned());
        } else {
            label.text = text!("{file}, or {flag}", file, flag);
        }
    }
}

fn in_file(d: &Diagnostic) -> bool {
    d.labels.iter().any(|l| matches!(l.place, Place::File { .. }))
}

/// Labels on fields as the flags they came from.
pub fn name_flags(diagnostics: &mut [Diagnostic]) {
    for label in diagnostics.iter_mut().flat_map(|d| &mut d.labels) {
        if let Place::Field(path) = &label.place {
            label.text = Text::plain(flag(read::unindexed(path.rsplit('.').next().unwrap_or(path))));
        }
    }
}

/// A field as the flag it can be given by.
pub fn flag(field: &str) -> String {
    format!("--{}", field.replace('_', "-"))
}

fn shown(path: &str) -> String {
    if path == "-" { "<stdin>".to_owned() } else { path.to_owned() }
}

/// Fills what the request leaves open with what is set once.
fn settle(request: &mut EstimateRequest) -> Vec<(&'static str, &'static Layer)> {
    let mut settled = Vec::new();
    for field in settings::fields().filter(|f| request.get(f.name).is_empty()).collect::<Vec<_>>() {
        if let Some((texts, layer)) = config::layers().get(field.name) {
            request.set(field.name, texts.to_vec());
            settled.push((field.name, layer));
        }
    }
    settled
}

/// Flags as a request of their own, with the names of those given.
fn flags(matches: &ArgMatches) -> (EstimateRequest, Vec<&'static str>) {
    let (mut request, mut workload, mut given) = (EstimateRequest::default(), WorkloadRequest::default(), Vec::new());
    let mut simulate = SimulateRequest::default();
    for field in EstimateRequest::FIELDS.iter().chain(WorkloadRequest::FIELDS).chain(SimulateRequest::FIELDS) {
        if !matches.ids().any(|id| id == field.name)
            || matches.value_source(field.name) != Some(ValueSource::CommandLine)
        {
            continue;
        }
        let texts: Vec<String> = match field.kind {
            FieldKind::Flag => vec![matches.get_flag(field.name).to_string()],
            _ => matches.get_many::<String>(field.name).unwrap_or_default().cloned().collect(),
        };
        given.push(field.name);
        // Each name is one request's.
        if !request.set(field.name, texts.clone()) && !workload.set(field.name, texts.clone()) {
            simulate.set(field.name, texts);
        }
    }
    if simulate != SimulateRequest::default() {
        request.simulate = Some(Box::new(simulate));
    }
    if workload != WorkloadRequest::default() {
        request.workload.push(workload);
    }
    (request, given)
}

/// The texts of one flag, if it was given: several for a list.
pub fn given(matches: &ArgMatches, field: &Field) -> Vec<String> {
    if matches.value_source(field.name) != Some(ValueSource::CommandLine) {
        return Vec::new();
    }
    match field.kind {
        FieldKind::Flag => vec![matches.get_flag(field.name).to_string()],
        FieldKind::One => matches.get_one::<String>(field.name).into_iter().cloned().collect(),
        FieldKind::List | FieldKind::Table => {
            let given = matches.get_many::<String>(field.name).unwrap_or_default();
            given.flat_map(|t| t.split(',')).map(|t| t.trim().to_owned()).collect()
        }
    }
}

/// Most bytes of a request: more is a mistake.
const LARGEST: u64 = 1 << 30;

/// The text of a file, or of the standard input for `-`.
pub fn read_text(path: &str) -> Result<String, Vec<Diagnostic>> {
    let bytes = if path == "-" {
        bytes_of(std::io::stdin().lock(), LARGEST)
    } else {
        if Path::new(path).is_dir() {
            let d = Diagnostic::error("file/directory", text!("`{path}` is a directory", path));
            return Err(vec![d.help("name a request file; --prices takes a directory of tables")]);
        }
        fs::File::open(path).and_then(|file| bytes_of(file, LARGEST))
    };
    let bytes = bytes.map_err(|e| vec![unreadable(path, &e)])?;
    decoded(path, bytes).map_err(|d| vec![d])
}

/// All bytes, if they are not more than `most`: a device such as `/dev/zero` has no end.
fn bytes_of(from: impl Read, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// Bytes as text. A byte order mark of UTF-8 is not part of it.
fn decoded(path: &str, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let message = text!("`{path}` is UTF-16, as Windows programs write \"Unicode\"", path = shown(path));
        return Err(Diagnostic::error("file/encoding", message).help("save it as UTF-8 (in Excel: CSV UTF-8)"));
    }
    let text = String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let before = &e.as_bytes()[..at];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
        let column = String::from_utf8_lossy(&before[line_start..]).chars().count() + 1;
        let byte = e.as_bytes()[at];
        let message = text!(
            "`{path}` is not UTF-8: byte 0x{byte} in line {line}, column {column}",
            path = shown(path),
            byte = format!("{byte:02x}"),
            line,
            column
        );
        Diagnostic::error("file/encoding", message).help("save it as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// A file that is read while it is simulated, such as a trace.
pub fn open(path: &str) -> Result<simulate::Input, Diagnostic> {
    if path == "-" {
        return Ok(simulate::Input::Once(Box::new(std::io::stdin().lock())));
    }
    if Path::new(path).is_dir() {
        let d = Diagnostic::error("file/directory", text!("`{path}` is a directory", path));
        return Err(d.help(Text::plain("name a file in it")));
    }
    let file = fs::File::open(path).map_err(|e| unreadable(path, &e))?;
    // What another program writes can be read once.
    if !file.metadata().is_ok_and(|about| about.is_file()) {
        return Ok(simulate::Input::Once(Box::new(file)));
    }
    let path = path.to_owned();
    Ok(simulate::Input::again(move || Ok(Box::new(fs::File::open(&path)?))))
}

fn unreadable(path: &str, e: &std::io::Error) -> Diagnostic {
    let why = match e.kind() {
        ErrorKind::NotFound => Text::from("there is no such file"),
        ErrorKind::PermissionDenied => "permission is denied".into(),
        ErrorKind::FileTooLarge => "it is larger than 1 GiB".into(),
        _ => Text::known(e.to_string()),
    };
    let d = Diagnostic::error("file/unreadable", text!("`{path}` can't be read: {why}", path, why));
    match neighbour(path) {
        Some(near) => d.help(text!("did you mean `{name}`?", name = near)),
        None => d.help("check the path; - reads the standard input"),
    }
}

fn neighbour(path: &str) -> Option<String> {
    let path = Path::new(path);
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names: Vec<String> =
        fs::read_dir(folder).ok()?.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
    let near = nearest(path.file_name()?.to_str()?, names.iter().map(String::as_str))?;
    path.with_file_name(near).to_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_without_an_end_is_refused_and_never_cut() {
        let refused = bytes_of(std::io::repeat(0), 8).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::FileTooLarge);
        assert_eq!(bytes_of(&[1, 2, 3][..], 3).unwrap(), [1, 2, 3]);
        assert!(bytes_of(&[1, 2, 3][..], 2).is_err());
    }
}
