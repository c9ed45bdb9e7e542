//! Diagnostics: what is wrong with an input, where, and what to do. Plain data: no terminal, no colour.
//!
//! Every reader gathers them in a `Vec`, so that a file with five mistakes is one trip.

use std::ops::Range;

use crate::{text, text::Text, tr};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// Nothing can be answered.
    Error,
    /// An answer exists, with a caveat.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Error => tr!("error"),
            Self::Warning => tr!("warning"),
        }
    }
}

/// Where a label points.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// A byte range of a named text (a file, or the standard input).
    File {
        /// the name to print
        name: String,
        /// the bytes meant
        span: Range<usize>,
    },
    /// A field of the request, by its path: `memory`, `workload[1].vcpu`.
    Field(String),
    /// No place in particular.
    Nowhere,
}

/// A place and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Label {
    /// where
    pub place: Place,
    /// what is wrong there, a lowercase fragment
    pub text: Text,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// how bad
    pub severity: Severity,
    /// stable, such as `request/unknown-key`
    pub code: &'static str,
    /// a lowercase fragment without a full stop
    pub message: Text,
    /// where, most important first
    pub labels: Vec<Label>,
    /// what to do
    pub help: Option<Text>,
}

impl Diagnostic {
    /// An error without labels or help yet.
    pub fn error(code: &'static str, message: impl Into<Text>) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), labels: Vec::new(), help: None }
    }

    /// Points at bytes of a text.
    #[must_use]
    pub fn at(mut self, name: &str, span: Range<usize>, text: impl Into<Text>) -> Self {
        self.labels.push(Label { place: Place::File { name: name.to_owned(), span }, text: text.into() });
        self
    }

    /// Points at a field of the request.
    #[must_use]
    pub fn on(mut self, field: impl Into<String>, text: impl Into<Text>) -> Self {
        self.labels.push(Label { place: Place::Field(field.into()), text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<Text>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Longest quotation of an input in a message, in characters.
const QUOTED: usize = 40;
/// Longest word, in bytes, that is compared with others.
const COMPARED: usize = 200;

/// A text of the user's as messages quote it: cut where it is long, line breaks and control characters made visible.
pub fn quoted(text: &str) -> String {
    let mut all = text.trim().chars();
    let mut shown: String =
        all.by_ref().take(QUOTED).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect();
    if all.next().is_some() {
        shown.push('…');
    }
    shown
}

/// The candidate nearest to `word`, if it is near enough to have been meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > COMPARED {
        return None;
    }
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(&word, &c.to_lowercase()), c))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, c)| c)
}

/// `did you mean …?` when a few candidates contain the word or one is near, else the fallback.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>, otherwise: impl Into<Text>) -> Text {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let mut meant = containing(word, &candidates);
    if meant.is_empty() {
        meant.extend(nearest(word, candidates));
    }
    if meant.is_empty() { otherwise.into() } else { one_of(&meant) }
}

/// `did you mean …?`
pub fn one_of(meant: &[impl AsRef<str>]) -> Text {
    let meant: Vec<&str> = meant.iter().map(AsRef::as_ref).collect();
    match meant.as_slice() {
        [others @ .., last] if !others.is_empty() => {
            text!("did you mean `{others}` or `{last}`?", others = others.join("`, `"), last)
        }
        all => text!("did you mean `{name}`?", name = all.join("")),
    }
}

/// Candidates that contain a word of three letters or more; none where they are too many to help.
fn containing<'a>(word: &str, candidates: &[&'a str]) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let mut found: Vec<&str> = candidates.iter().copied().filter(|c| c.to_lowercase().contains(&word)).collect();
    found.dedup();
    if word.chars().count() < 3 || found.len() > 6 { Vec::new() } else { found }
}

/// Line and column (both from 1, columns in characters) of a byte offset.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_word_and_nonsense_finds_none() {
        assert_eq!(nearest("seol", ["seoul", "tokyo"]), Some("seoul"));
        assert_eq!(nearest("zzzzzz", ["seoul", "tokyo"]), None);
    }

    #[test]
    fn a_part_of_a_name_finds_the_names_with_it() {
        let ids = ["ecs-fargate", "eks-fargate", "cloud-run"];
        assert_eq!(did_you_mean("fargate", ids, "no").to_string(), "did you mean `ecs-fargate` or `eks-fargate`?");
        assert_eq!(did_you_mean("a", ids, "no").to_string(), "no");
    }

    #[test]
    fn quotations_are_short_and_stay_on_their_line() {
        assert_eq!(quoted(" a\nb "), "a\u{fffd}b");
        assert_eq!(quoted(&"x".repeat(1000)).chars().count(), QUOTED + 1);
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(line_column("한글 x\nab", 7), (1, 4));
        assert_eq!(line_column("한글 x\nab", 10), (2, 2));
    }
}
