//! What clap finds wrong with the arguments, in another language: the same parts in the same order.

use clap::{
    Error,
    error::{ContextKind, ContextValue, ErrorKind},
};
use wharfage_core::{Text, text, text::Catalogue, text::Value, tr};

/// A mistake as it is printed.
pub fn told(e: &Error, words: &Catalogue) -> String {
    let mut out = format!("{}: {}\n", words.say(tr!("error")), words.tell(&message(e)));
    for tip in tips(e) {
        out += &format!("\n  {}: {}\n", words.say(tr!("help")), words.tell(&tip));
    }
    if let Some(usage) = part(e, ContextKind::Usage) {
        let usage = usage.trim_start_matches("Usage:").trim().to_owned();
        out += &format!("\n{}: {usage}\n", words.say(tr!("Usage")));
    }
    let more = text!("for more, try '{flag}'", flag = "--help");
    out + &format!("\n{}\n", words.tell(&more))
}

fn message(e: &Error) -> Text {
    let arg = part(e, ContextKind::InvalidArg).unwrap_or_default();
    let value = part(e, ContextKind::InvalidValue).unwrap_or_default();
    match e.kind() {
        ErrorKind::InvalidValue if value.is_empty() => {
            text!("a value is required for '{arg}' but none was supplied", arg)
        }
        ErrorKind::InvalidValue => text!("invalid value '{value}' for '{arg}'", value, arg),
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(e).map_or_else(String::new, ToString::to_string);
            text!("invalid value '{value}' for '{arg}': {why}", value, arg, why = Text::known(why))
        }
        ErrorKind::UnknownArgument => text!("unexpected argument '{arg}' found", arg),
        ErrorKind::InvalidSubcommand => {
            let name = part(e, ContextKind::InvalidSubcommand).unwrap_or_default();
            text!("unrecognized subcommand '{name}'", name)
        }
        ErrorKind::NoEquals => text!("an equal sign is needed when assigning values to '{arg}'", arg),
        ErrorKind::TooManyValues => {
            text!("unexpected value '{value}' for '{arg}' found; no more were expected", value, arg)
        }
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            text!("'{arg}' takes another number of values", arg)
        }
        ErrorKind::ArgumentConflict => match part(e, ContextKind::PriorArg) {
            Some(other) if other != arg => text!("the argument '{arg}' cannot be used with '{other}'", arg, other),
            _ => text!("the argument '{arg}' cannot be used multiple times", arg),
        },
        ErrorKind::MissingRequiredArgument => {
            text!("the following required arguments were not provided: {args}", args = arg)
        }
        ErrorKind::MissingSubcommand => text!("a subcommand is required but none was given"),
        ErrorKind::InvalidUtf8 => text!("an argument is not UTF-8"),
        _ => Text::known(e.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ")),
    }
}

fn tips(e: &Error) -> Vec<Text> {
    let quoted = |kind| part(e, kind);
    let valid = [ContextKind::ValidValue, ContextKind::ValidSubcommand].into_iter().filter_map(quoted);
    let mut all: Vec<Text> = valid.map(|values| text!("possible values: {values}", values)).collect();
    let similar = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    all.extend(similar.into_iter().filter_map(quoted).map(|name| text!("something similar exists: '{name}'", name)));
    if e.get(ContextKind::TrailingArg).is_some() {
        all.push(text!(
            "to pass '{arg}' as a value, use '-- {arg}'",
            arg = Value::Plain(part(e, ContextKind::InvalidArg).unwrap_or_default())
        ));
    }
    all
}

/// A part of clap's finding as text.
fn part(e: &Error, kind: ContextKind) -> Option<String> {
    match e.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) if !texts.is_empty() => Some(texts.join(", ")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        ContextValue::StyledStrs(texts) if !texts.is_empty() => {
            Some(texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        ContextValue::Number(n) => Some(n.to_string()),
        _ => None,
    }
}
