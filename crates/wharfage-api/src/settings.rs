//! Settings: what a person writes once instead of in each request. They are the request's own fields that are not about a
//! workload, and those of the front end, read from a TOML file with a diagnostic per mistake.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wharfage_core::{
    diagnostic::{Diagnostic, did_you_mean, quoted},
    text,
};

use crate::{
    read::{self, Origins},
    request::{EstimateRequest, Field, WorkloadRequest},
};

/// Fields of a request that each request says itself.
const NEVER: [&str; 2] = ["schema", "command"];

/// The request's fields that may be set once.
pub fn fields() -> impl Iterator<Item = &'static Field> {
    EstimateRequest::FIELDS.iter().filter(|f| !NEVER.contains(&f.name))
}

/// What could be read of a file of settings, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// fields with their texts, in the file's order
    pub values: Vec<(&'static str, Vec<String>)>,
    /// where they stand
    pub origins: Origins,
    /// everything that was not understood
    pub found: Vec<Diagnostic>,
}

/// Reads settings: the request's [`fields`] and the front end's `own`. An empty file sets nothing.
pub fn settings(name: &str, text: &str, own: &'static [Field]) -> Settings {
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Settings::default();
    }
    let fields: Vec<Field> = fields().chain(own).copied().collect();
    let (values, origins, mut found) = read::top_level(name, text, &fields, unknown);
    found.iter_mut().for_each(in_a_file_of_settings);
    let names = fields.iter().map(|f| f.name);
    let known = |key: &str| names.clone().find(|n| *n == key);
    let values = values.into_iter().filter_map(|(key, texts)| Some((known(&key)?, texts))).collect();
    Settings { values, origins, found }
}

/// A request's reader explains requests.
fn in_a_file_of_settings(d: &mut Diagnostic) {
    if let ("request/syntax", Some(help)) = (d.code, &mut d.help)
        && help.template.starts_with("a request is TOML")
    {
        *help = "settings are TOML: lines such as region = \"seoul\"".into();
    }
}

fn unknown(fields: &[Field], key: &str) -> Diagnostic {
    let dashed = key.replace('-', "_");
    let help = if fields.iter().any(|f| f.name == dashed) {
        text!("settings are written with underscores: `{key}`", key = dashed)
    } else if key == "workload" || WorkloadRequest::FIELDS.iter().any(|f| f.name == dashed) {
        "a workload is described in a request file, not among the settings".into()
    } else if NEVER.contains(&key) {
        text!("`{key}` is said by each request", key)
    } else {
        did_you_mean(&dashed, fields.iter().map(|f| f.name), "`wharfage config show` lists the settings")
    };
    Diagnostic::error("config/unknown-key", text!("unknown setting `{key}`", key = quoted(key))).help(help)
}

/// What is set, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsResponse {
    /// version of this form: 1
    pub schema: u32,
    /// in the order of help
    pub settings: Vec<SettingOut>,
}

/// A setting that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingOut {
    /// `region`; the flag is `--region`
    pub name: String,
    /// its texts; none where nothing is set
    pub value: Vec<String>,
    /// `flag`, `request`, `environment`, `project`, `user` or `default`
    pub origin: String,
    /// the file, or the environment's variable, where it is from one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// the file's line
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// its column, in characters
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::FieldKind;

    const OWN: &[Field] =
        &[Field { name: "format", kind: FieldKind::One, value: "FORMAT", heading: "Output", help: "how" }];

    #[test]
    fn settings_keep_their_texts_and_places() {
        let read = settings("wharfage.toml", "region = [\"seoul\", 'tokyo']\nformat = 'csv'\nexplain = true\n", OWN);
        let want = [("explain", vec!["true"]), ("format", vec!["csv"]), ("region", vec!["seoul", "tokyo"])];
        let mut got = read.values.clone();
        got.sort();
        assert_eq!(got, want.map(|(k, v)| (k, v.into_iter().map(str::to_owned).collect::<Vec<_>>())));
        assert_eq!(read.origins.span("format"), Some(37..42));
        assert!(read.found.is_empty());
        assert_eq!(settings("wharfage.toml", " \n", OWN), Settings::default());
    }

    #[test]
    fn every_mistake_is_told_with_its_place_and_a_way_out() {
        let text = "regoin = 'x'\nvcpu = 1\ncommand = 'compare'\nfree-tier = 'on'\nfx = { KRW = 1 }\n[[workload]]\n";
        let read = settings("wharfage.toml", text, OWN);
        let help: Vec<&str> = read.found.iter().map(|d| d.help.as_ref().unwrap().template).collect();
        assert_eq!(read.found.len(), 6, "{help:?}");
        assert!(help.contains(&"did you mean `region`?"), "{help:?}");
        assert!(help.contains(&"settings are written with underscores: `free_tier`"), "{help:?}");
        assert_eq!(help.iter().filter(|h| h.starts_with("a workload is described")).count(), 2, "{help:?}");
        assert!(read.found.iter().all(|d| !d.labels.is_empty()));
    }
}
