//! What stands behind a model's name: values by name, or in order.

use wharfage_core::{
    diagnostic::{did_you_mean, quoted},
    text,
    text::Text,
    tr,
};

use crate::grammar::{Parsed, fault};

/// Longest description of a model.
const LONGEST: usize = 400;

/// Values by name, or in order.
pub struct Arguments<'t> {
    model: &'t str,
    all: Vec<(Option<&'t str>, &'t str)>,
    known: &'static [&'static str],
}

impl<'t> Arguments<'t> {
    /// The values behind a model's name, as far as it knows their names.
    pub fn new(model: &'t str, text: &'t str, known: &'static [&'static str]) -> Parsed<Self> {
        let split = |part: &'t str| match part.split_once('=') {
            Some((name, value)) => (Some(name.trim()), value.trim()),
            None => (None, part.trim()),
        };
        let all: Vec<_> = text.split(',').filter(|part| !part.trim().is_empty()).map(split).collect();
        let arguments = Self { model, all, known };
        for (n, (name, _)) in arguments.all.iter().enumerate() {
            let stranger = name.is_some_and(|name| !known.contains(&name)) || n >= known.len();
            let twice = name.is_some() && arguments.all[..n].iter().any(|(before, _)| before == name);
            if stranger || twice {
                return fault(
                    text!("`{model}` does not take `{name}`", model, name = quoted(name.unwrap_or(arguments.all[n].1))),
                    if twice { tr!("given twice") } else { tr!("unknown") },
                    text!("write {example}", example = arguments.form()),
                );
            }
        }
        Ok(arguments)
    }

    /// `gamma:mean=…,cv=…`
    fn form(&self) -> String {
        let parts: Vec<String> = self.known.iter().map(|name| format!("{name}=…")).collect();
        format!("{}:{}", self.model, parts.join(","))
    }

    fn text(&self, name: &str) -> Option<&'t str> {
        let place = self.known.iter().position(|k| *k == name)?;
        let named = self.all.iter().find(|(n, _)| *n == Some(name));
        named.or_else(|| self.all.get(place).filter(|(n, _)| n.is_none())).map(|(_, value)| *value)
    }

    /// A value that has to be there.
    pub fn get<T>(&self, name: &str, grammar: fn(&str) -> Parsed<T>) -> Parsed<T> {
        match self.text(name) {
            Some(text) => grammar(text),
            None => fault(
                text!("`{model}` needs `{name}`", model = self.model, name),
                "something is missing",
                text!("write {example}", example = self.form()),
            ),
        }
    }

    /// A value, or what holds without it.
    pub fn or<T>(&self, name: &str, grammar: fn(&str) -> Parsed<T>, otherwise: T) -> Parsed<T> {
        if self.text(name).is_some() { self.get(name, grammar) } else { Ok(otherwise) }
    }
}

/// A text that can be a model.
pub fn legible(text: &str) -> Parsed<&str> {
    if text.trim().is_empty() || text.contains(char::is_control) || text.len() > LONGEST {
        return fault("this is not a model", "not a model", "write a name and its values, such as poisson:100/s");
    }
    Ok(text.trim())
}

/// A name that is none of those known.
pub fn unknown<T>(name: &str, known: &[&'static str], what: Text) -> Parsed<T> {
    let otherwise = text!("it is one of {words}", words = known.join(", "));
    let message = text!("`{name}` is not a model of {what}", name = quoted(name), what);
    fault(message, "unknown model", did_you_mean(name, known.iter().copied(), otherwise))
}
