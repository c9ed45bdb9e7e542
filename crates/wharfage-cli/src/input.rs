//! Reads the request: a file, the standard input, flags.

use std::{fs, io::Read, path::Path};

use clap::{ArgMatches, parser::ValueSource};
use wharfage_api::{
    read::{self, Origins},
    request::{EstimateRequest, FieldKind, WorkloadRequest},
};
use wharfage_core::{
    Diagnostic,
    diagnostic::{Place, nearest},
};

/// Texts that messages may quote, by name.
pub type Texts = Vec<(String, String)>;

/// A request, where its parts stood, and the texts it was read from.
pub struct Input {
    pub request: EstimateRequest,
    pub origins: Origins,
}

/// The request that the arguments of `compare` or `estimate` ask for.
pub fn request(command: &str, matches: &ArgMatches, texts: &mut Texts) -> Result<Input, Vec<Diagnostic>> {
    let (mut request, mut origins) = match matches.get_one::<String>("file") {
        Some(path) => {
            let text = read_text(path)?;
            texts.push((shown(path), text));
            let (name, text) = &texts[texts.len() - 1];
            read::request(name, text)?
        }
        None => Default::default(),
    };
    let (flags, given) = flags(matches);
    origins.forget(|path| given.iter().any(|f| path.rsplit('.').next() == Some(f)));
    request.overrule(&flags);
    request.command = Some(command.to_owned());
    Ok(Input { request, origins })
}

fn shown(path: &str) -> String {
    if path == "-" { "<stdin>".to_owned() } else { path.to_owned() }
}

/// Flags as a request of their own, with the names of those given.
fn flags(matches: &ArgMatches) -> (EstimateRequest, Vec<&'static str>) {
    let (mut request, mut workload, mut given) = (EstimateRequest::default(), WorkloadRequest::default(), Vec::new());
    for (n, field) in EstimateRequest::FIELDS.iter().chain(WorkloadRequest::FIELDS).enumerate() {
        if !matches.ids().any(|id| id == field.name) || matches.value_source(field.name) != Some(ValueSource::CommandLine) {
            continue;
        }
        let texts: Vec<String> = match field.kind {
            FieldKind::Flag => vec![matches.get_flag(field.name).to_string()],
            _ => matches.get_many::<String>(field.name).unwrap_or_default().cloned().collect(),
        };
        given.push(field.name);
        if n < EstimateRequest::FIELDS.len() {
            request.set(field.name, texts);
        } else {
            workload.set(field.name, texts);
        }
    }
    if workload != WorkloadRequest::default() {
        request.workload.push(workload);
    }
    (request, given)
}

/// Most bytes of a request: more is a mistake.
const LARGEST: u64 = 1 << 30;

/// The text of a file, or of the standard input for `-`.
pub fn read_text(path: &str) -> Result<String, Vec<Diagnostic>> {
    let bytes = if path == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(LARGEST).read_to_end(&mut bytes);
        read.map(|_| bytes)
    } else {
        if Path::new(path).is_dir() {
            let d = Diagnostic::error("file/directory", format!("`{path}` is a directory"));
            return Err(vec![d.help("name a request file; --prices takes a directory of tables")]);
        }
        fs::read(path)
    };
    let bytes = bytes.map_err(|e| vec![unreadable(path, &e)])?;
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let line = e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
        let message = format!("`{}` is not UTF-8: line {line} has a byte that is no text", shown(path));
        vec![Diagnostic::error("file/encoding", message).help("save it as UTF-8")]
    })
}

fn unreadable(path: &str, e: &std::io::Error) -> Diagnostic {
    let why = match e.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission is denied".to_owned(),
        _ => e.to_string(),
    };
    let d = Diagnostic::error("file/unreadable", format!("`{path}` can't be read: {why}"));
    match neighbour(path) {
        Some(near) => d.help(format!("did you mean `{near}`?")),
        None => d.help("check the path; - reads the standard input"),
    }
}

fn neighbour(path: &str) -> Option<String> {
    let path = Path::new(path);
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names: Vec<String> = fs::read_dir(folder).ok()?.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
    let near = nearest(path.file_name()?.to_str()?, names.iter().map(String::as_str))?;
    path.with_file_name(near).to_str().map(str::to_owned)
}

/// Labels on fields that stand in no file, as the flags they came from.
pub fn name_flags(diagnostics: &mut [Diagnostic]) {
    for label in diagnostics.iter_mut().flat_map(|d| &mut d.labels) {
        if let Place::Field(path) = &label.place {
            let field = path.rsplit('.').next().unwrap_or(path);
            label.text = format!("--{}", field.replace('_', "-"));
        }
    }
}
