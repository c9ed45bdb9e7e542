//! Keys that no line of an estimate cites yet, and why: `coverage.toml`.

use serde::Deserialize;
use wharfage_core::{Diagnostic, text, text::Text};

/// Some keys that no request can make a line cite, and why.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataOnly {
    /// patterns, in which `*` stands for any text
    pub keys: Vec<String>,
    /// why nothing cites them
    pub reason: String,
    /// what they come with; absent where they are never to be priced
    pub until: Option<String>,
}

impl DataOnly {
    /// The first of its patterns that a key fits.
    pub fn pattern(&self, key: &str) -> Option<&str> {
        self.keys.iter().map(String::as_str).find(|p| fits(p, key))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "data-only", default)]
    entries: Vec<DataOnly>,
}

/// The entries of `coverage.toml`, in order: where several fit a key, the first one speaks for it.
///
/// # Errors
/// A text that is no such table.
pub fn data_only(text: &str) -> Result<Vec<DataOnly>, Diagnostic> {
    toml::from_str::<File>(text).map(|file| file.entries).map_err(|e| {
        let message = text!(
            "the list of keys without lines can't be read: {why}",
            why = Text::known(e.message().replace('\n', "; "))
        );
        Diagnostic::error("coverage/syntax", message)
    })
}

/// Does a key fit a pattern, in which `*` stands for any text, also none?
fn fits(pattern: &str, key: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == key };
    let Some(mut left) = key.strip_prefix(start) else { return false };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        #[rustfmt::skip]
        let cases = [
            ("aws/ec2/*",            "aws/ec2/m5.large",             true),
            ("aws/ec2/*",            "aws/ec2/",                     true),
            ("aws/ec2/*",            "aws/ecs/x",                    false),
            ("aws/alb/lcu",          "aws/alb/lcu",                  true),
            ("aws/alb/lcu",          "aws/alb/lcu.more",             false),
            ("aws/ec2/*.spot",       "aws/ec2/m5.large.spot",        true),
            ("aws/ec2/*.spot",       "aws/ec2/m5.large.spot-saving", false),
            ("aws/*.sp-*",           "aws/ec2/m5.large.sp-1y",       true),
            ("aws/*.sp-*",           "aws/ec2/m5.large.spot",        false),
            ("gcp/*/c3.*.cud-*",     "gcp/x/c3.vcpu.cud-1y",         true),
            ("gcp/*/c3.*.cud-*",     "gcp/x/c3d.vcpu.cud-1y",        false),
            ("a*a",                  "a",                            false),
        ];
        for (pattern, key, want) in cases {
            assert_eq!(fits(pattern, key), want, "{pattern}: {key}");
        }
    }

    #[test]
    fn an_unknown_field_is_refused() {
        assert!(data_only("[[data-only]]\nkeys = []\nreason = \"\"\nuntill = \"x\"").is_err());
        assert_eq!(data_only("# nothing yet"), Ok(Vec::new()));
    }
}
