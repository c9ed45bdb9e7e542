//! What is set once: the environment, `wharfage.toml` found upwards from the working directory, and the user's own file.
//!
//! A flag overrules a request file, which overrules the environment (`WHARFAGE_REGION=seoul`), which overrules the project's
//! file, which overrules the user's. A value overrules another whole: lists are not joined. `WHARFAGE_NO_CONFIG=1` leaves the
//! files out.

mod show;

use std::{
    env,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use clap::Command;
use wharfage_api::{
    read::Origins,
    request::{Field, FieldKind},
    settings,
};
use wharfage_core::{
    Diagnostic, Text,
    diagnostic::{Label, Place, did_you_mean, quoted},
    text,
    text::Language,
};

pub use self::show::show;
use crate::{
    format::FORMATS,
    input::{Texts, read_text},
};

/// The project's file.
const PROJECT: &str = "wharfage.toml";
/// The user's file, in the folder where programs keep settings.
const USER: &str = "wharfage/config.toml";

const fn output(name: &'static str, kind: FieldKind, value: &'static str, help: &'static str) -> Field {
    Field { name, kind, value, heading: "Output", help }
}

/// Settings of this program: they say how an answer is written, and with which tables.
#[rustfmt::skip]
pub const OWN: &[Field] = &[
    Field { name: "prices", kind: FieldKind::One, value: "EDITION|DIR", heading: "Price", help: "price with another edition, or with your own tables" },
    output("format", FieldKind::One, "FORMAT", "how the answer is written"),
    output("color", FieldKind::One, "WHEN", "when to colour"),
    output("lang", FieldKind::One, "LANGUAGE", "the language of tables, messages and help"),
    output("bom", FieldKind::Flag, "", "begin CSV with a byte order mark"),
    output("quiet", FieldKind::Flag, "", "only the answer"),
];

/// Words that some of them take.
const WORDS: [(&str, &[&str]); 5] =
    [("format", &FORMATS), ("color", &WHEN), ("lang", &LANGUAGES), ("bom", &SWITCH), ("quiet", &SWITCH)];
/// What `--color` takes.
pub const WHEN: [&str; 3] = ["auto", "always", "never"];
/// What `--lang` takes.
pub const LANGUAGES: [&str; 2] = [Language::En.id(), Language::Ko.id()];
const SWITCH: [&str; 4] = ["true", "false", "on", "off"];

/// Where settings come from, nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// variables named `WHARFAGE_…`
    Environment,
    /// `wharfage.toml` of this folder or one above
    Project,
    /// the user's own file
    User,
}

/// What one place sets.
#[derive(Debug)]
pub struct Layer {
    kind: Kind,
    values: Vec<(&'static str, Vec<String>)>,
    /// where they stand, for files
    origins: Origins,
}

/// Every place's settings.
#[derive(Debug, Default)]
pub struct Layers {
    layers: Vec<Layer>,
    /// everything that is wrong with them
    pub found: Vec<Diagnostic>,
    /// the files' texts, for messages
    pub texts: Texts,
}

/// What is set outside of the arguments; read once, on first use.
pub fn layers() -> &'static Layers {
    static LAYERS: LazyLock<Layers> = LazyLock::new(Layers::read);
    &LAYERS
}

/// `WHARFAGE_FREE_TIER`.
fn variable(field: &str) -> String {
    format!("WHARFAGE_{}", field.to_uppercase())
}

fn known() -> impl Iterator<Item = &'static Field> {
    settings::fields().chain(OWN)
}

impl Layers {
    fn read() -> Self {
        let mut all = Self::default();
        let values = known().filter_map(|f| {
            let text = env::var(variable(f.name)).ok().filter(|t| !t.trim().is_empty())?;
            Some((f.name, vec![text]))
        });
        all.add(Layer { kind: Kind::Environment, values: values.collect(), origins: Origins::default() });
        if env::var_os("WHARFAGE_NO_CONFIG").is_none_or(|v| v.is_empty()) {
            let files = [(Kind::Project, project_file()), (Kind::User, user_file())];
            files.into_iter().for_each(|(kind, path)| all.add_file(kind, path));
        }
        all
    }

    fn add_file(&mut self, kind: Kind, path: Option<PathBuf>) {
        let Some(path) = path else { return };
        let name = path.to_string_lossy().into_owned();
        match read_text(&name) {
            Ok(text) => {
                let read = settings::settings(&name, &text, OWN);
                self.texts.push((name, text));
                self.found.extend(read.found);
                let folder = path.parent().unwrap_or(Path::new(""));
                let values = read.values.into_iter().map(|(f, texts)| (f, beside(folder, f, texts)));
                self.add(Layer { kind, values: values.collect(), origins: read.origins });
            }
            Err(found) => self.found.extend(found),
        }
    }

    /// Takes a place's settings, without those of this program that it can't understand.
    fn add(&mut self, mut layer: Layer) {
        let wrong: Vec<(&str, Diagnostic)> =
            layer.values.iter().filter_map(|(f, texts)| Some((*f, misworded(f, texts)?))).collect();
        layer.values.retain(|(f, _)| wrong.iter().all(|(w, _)| w != f));
        for (field, mut d) in wrong {
            let mut label = Label { place: Place::Field(field.to_owned()), text: "not one of its words".into() };
            layer.name(&mut label);
            d.labels.push(label);
            self.found.push(d);
        }
        self.layers.push(layer);
    }

    /// The texts of a setting, and the place they come from.
    pub fn get(&self, field: &str) -> Option<(&[String], &Layer)> {
        self.layers.iter().find_map(|l| l.values.iter().find(|(f, _)| *f == field).map(|(_, t)| (t.as_slice(), l)))
    }
}

impl Layer {
    /// A label on a field that is set here: as bytes of the file, or as the variable.
    pub fn name(&self, label: &mut Label) {
        let Place::Field(path) = &label.place else { return };
        match self.kind {
            Kind::Environment => label.text = Text::plain(variable(path.split('[').next().unwrap_or(path))),
            Kind::Project | Kind::User => self.origins.resolve_label(label),
        }
    }
}

/// A text where only some words are possible.
fn misworded(field: &str, texts: &[String]) -> Option<Diagnostic> {
    let (_, words) = WORDS.iter().find(|(f, _)| *f == field)?;
    let text = texts.first()?;
    let says = text!("`{name}` can't be `{text}`", name = field, text = quoted(text));
    let help = || did_you_mean(text, words.iter().copied(), text!("it is one of {words}", words = words.join(", ")));
    (!words.contains(&text.as_str())).then(|| Diagnostic::error("config/unknown-word", says).help(help()))
}

/// A folder of tables is named from the file that names it.
fn beside(folder: &Path, field: &str, texts: Vec<String>) -> Vec<String> {
    let is_folder = |t: &String| field == "prices" && folder.join(t).is_dir();
    texts.into_iter().map(|t| if is_folder(&t) { folder.join(t).to_string_lossy().into_owned() } else { t }).collect()
}

/// The nearest `wharfage.toml`, named from the working directory.
fn project_file() -> Option<PathBuf> {
    let depth = env::current_dir().ok()?.ancestors().count();
    let mut folder = PathBuf::new();
    for _ in 0..depth {
        let path = folder.join(PROJECT);
        if path.is_file() {
            return Some(path);
        }
        folder.push("..");
    }
    None
}

fn user_file() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    let path = etcetera::choose_base_strategy().ok()?.config_dir().join(USER);
    path.is_file().then_some(path)
}

/// The command line with this program's settings in place of its own defaults.
pub fn configured(command: Command, layers: &'static Layers) -> Command {
    if OWN.iter().all(|f| layers.get(f.name).is_none()) {
        return command;
    }
    let set = |id: &str| OWN.iter().find(|f| f.name == id).and_then(|f| Some((f, layers.get(id)?.0.first()?)));
    let command = command.mut_args(|arg| match set(arg.get_id().as_str()) {
        Some((field, text)) if field.kind == FieldKind::Flag => {
            arg.default_value(if is_on(text) { "true" } else { "false" })
        }
        Some((_, text)) => arg.default_value(text.as_str()),
        None => arg,
    });
    command.mut_subcommands(|c| configured(c, layers))
}

fn is_on(text: &str) -> bool {
    ["true", "on"].contains(&text)
}
