//! Diagnostics: what is wrong with an input, where, and what to do. Plain data: no terminal, no colour.
//!
//! Every reader gathers them in a `Vec`, so that a file with five mistakes is one trip.

use std::ops::Range;

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
            Self::Error => "error",
            Self::Warning => "warning",
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
    pub text: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// how bad
    pub severity: Severity,
    /// stable, such as `request/unknown-key`
    pub code: &'static str,
    /// a lowercase fragment without a full stop
    pub message: String,
    /// where, most important first
    pub labels: Vec<Label>,
    /// what to do
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without labels or help yet.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), labels: Vec::new(), help: None }
    }

    /// Points at bytes of a text.
    #[must_use]
    pub fn at(mut self, name: &str, span: Range<usize>, text: impl Into<String>) -> Self {
        self.labels.push(Label { place: Place::File { name: name.to_owned(), span }, text: text.into() });
        self
    }

    /// Points at a field of the request.
    #[must_use]
    pub fn on(mut self, field: impl Into<String>, text: impl Into<String>) -> Self {
        self.labels.push(Label { place: Place::Field(field.into()), text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The candidate nearest to `word`, if it is near enough to have been meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(&word, &c.to_lowercase()), c))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, c)| c)
}

/// `did you mean "…"?` when a candidate is near, else the fallback.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>, otherwise: &str) -> String {
    match nearest(word, candidates) {
        Some(c) => format!("did you mean `{c}`?"),
        None => otherwise.to_owned(),
    }
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
    fn columns_count_characters() {
        assert_eq!(line_column("한글 x\nab", 7), (1, 4));
        assert_eq!(line_column("한글 x\nab", 10), (2, 2));
    }
}
