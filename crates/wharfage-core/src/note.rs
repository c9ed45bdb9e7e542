//! Notes: coded sentences on an estimate (reasons, assumptions, warnings, what is not priced).

use std::{borrow::Cow, fmt};

/// A coded sentence. The code is stable; the sentence is English, with its values kept apart so that another language
/// can say it too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// stable, such as `app-runner/memory-max`
    pub code: Cow<'static, str>,
    /// the sentence with `{name}` where values go
    pub template: &'static str,
    /// the values
    pub args: Vec<(&'static str, String)>,
}

impl Note {
    /// A note with values.
    pub fn new(code: impl Into<Cow<'static, str>>, template: &'static str, args: &[(&'static str, String)]) -> Self {
        Self { code: code.into(), template, args: args.to_vec() }
    }

    /// A note without values.
    pub fn plain(code: impl Into<Cow<'static, str>>, template: &'static str) -> Self {
        Self::new(code, template, &[])
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.template;
        while let Some(open) = rest.find('{') {
            let Some(close) = rest[open..].find('}') else { break };
            f.write_str(&rest[..open])?;
            let name = &rest[open + 1..open + close];
            let value = self.args.iter().find(|(n, _)| *n == name).map_or("", |(_, v)| v.as_str());
            f.write_str(value)?;
            rest = &rest[open + close + 1..];
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_their_places() {
        let n = Note::new("x/y", "{a} of {b}, not {a}", &[("a", "1".into()), ("b", "2".into())]);
        assert_eq!(n.to_string(), "1 of 2, not 1");
    }
}
