//! Notes: coded sentences on an estimate (reasons, assumptions, warnings, what is not priced).

use std::{borrow::Cow, fmt};

use crate::text::{Text, Value};

/// A coded sentence. The code is stable; the sentence is English, with its values kept apart so that another language
/// can say it too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// stable, such as `app-runner/memory-max`
    pub code: Cow<'static, str>,
    /// the sentence
    pub text: Text,
}

impl Note {
    /// A note with values.
    pub fn new<V: Clone + Into<Value>>(
        code: impl Into<Cow<'static, str>>,
        template: &'static str,
        args: &[(&'static str, V)],
    ) -> Self {
        let args = args.iter().map(|(name, value)| (*name, value.clone().into())).collect();
        Self { code: code.into(), text: Text::new(template, args) }
    }

    /// A note without values.
    pub fn plain(code: impl Into<Cow<'static, str>>, template: &'static str) -> Self {
        Self { code: code.into(), text: template.into() }
    }
}

impl Note {
    /// A value that is the same in every language.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.text.args.iter().find_map(|(n, value)| match value {
            Value::Plain(text) if *n == name => Some(text.as_str()),
            _ => None,
        })
    }
}

/// In English.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_their_places() {
        let n = Note::new("x/y", "{a} of {b}, not {a}", &[("a", "1"), ("b", "2")]);
        assert_eq!(n.to_string(), "1 of 2, not 1");
    }
}
