//! The texts that people read, collected from the sources: what a catalogue has to translate.
//!
//! A text is the first literal of `text!` or `tr!`, a `label:`, or any literal that reads like a sentence: it has a space
//! between words. Literals of `format!`, `expect` and their like, of patterns, attributes and tests are not for people, or
//! are not theirs alone: a sentence with values is a `text!`.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};

use proc_macro2::{Delimiter, Literal, TokenStream, TokenTree};
use wharfage_api::{
    break_even::BreakEvenRequest,
    queue::QueueRequest,
    request::{EstimateRequest, WorkloadRequest},
    simulate::SimulateRequest,
};

use crate::texts;

/// English texts, and the files that have them.
pub type Collected = BTreeMap<String, BTreeSet<String>>;

/// Macros whose literals are formats, or are for developers.
const FORMATS: [&str; 15] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "concat",
    "debug_assert",
    "env",
    "eprintln",
    "format",
    "include_bytes",
    "include_str",
    "panic",
    "print",
    "println",
    "unreachable",
    "write",
];
/// Functions that look for a literal, or that say it to developers.
const LOOKED_FOR: [&str; 14] = [
    "contains",
    "ends_with",
    "expect",
    "find",
    "matches",
    "replace",
    "rfind",
    "rsplit_once",
    "split",
    "split_once",
    "starts_with",
    "strip_prefix",
    "strip_suffix",
    "var",
];

/// Every text of the sources.
pub fn collected() -> Collected {
    let mut all = Collected::new();
    for krate in ["core", "sim", "api", "cli"] {
        for (name, source) in texts(&format!("crates/wharfage-{krate}/src"), &[".rs"], &[]) {
            let tokens = TokenStream::from_str(&source).unwrap_or_else(|e| panic!("{name}: {e}"));
            let mut found = BTreeSet::new();
            walk(tokens, Literals::Sentences, &mut found);
            for text in found {
                all.entry(text).or_default().insert(name.clone());
            }
        }
    }
    let of_files = [
        ("request.rs", EstimateRequest::FIELDS),
        ("request.rs", WorkloadRequest::FIELDS),
        ("break_even/request.rs", BreakEvenRequest::FIELDS),
        ("simulate/request.rs", SimulateRequest::FIELDS),
        ("queue/request.rs", QueueRequest::FIELDS),
    ];
    for (file, fields) in of_files {
        for field in fields {
            let name = format!("crates/wharfage-api/src/{file}");
            all.entry(field.heading.to_owned()).or_default().insert(name);
        }
    }
    all
}

/// Which literals among some tokens are texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Literals {
    /// those that read like sentences
    Sentences,
    /// the first one, and then sentences
    First,
    /// none, but in groups sentences
    None,
}

fn walk(tokens: TokenStream, mut literals: Literals, found: &mut BTreeSet<String>) {
    let all: Vec<TokenTree> = tokens.into_iter().collect();
    let word = |n: usize| match all.get(n) {
        Some(TokenTree::Ident(ident)) => ident.to_string(),
        _ => String::new(),
    };
    let sign = |n: usize| match all.get(n) {
        Some(TokenTree::Punct(punct)) => punct.as_char(),
        _ => ' ',
    };
    let mut n = 0;
    while n < all.len() {
        match &all[n] {
            TokenTree::Punct(p) if p.as_char() == '#' => {
                let at = if sign(n + 1) == '!' { n + 2 } else { n + 1 };
                let attribute = all.get(at).map(ToString::to_string).unwrap_or_default();
                n = if attribute.replace(' ', "") == "[cfg(test)]" { behind_item(&all, at) } else { at };
            }
            TokenTree::Ident(ident) if sign(n + 1) == '!' => match ident.to_string().as_str() {
                "macro_rules" => n += 3,
                name => {
                    let of_macro = match name {
                        "text" | "tr" => Literals::First,
                        _ if FORMATS.contains(&name) || name == "writeln" => Literals::None,
                        _ => Literals::Sentences,
                    };
                    if let Some(TokenTree::Group(group)) = all.get(n + 2) {
                        walk(group.stream(), of_macro, found);
                        n += 2;
                    }
                }
            },
            TokenTree::Group(group) => {
                let searched = n > 0 && group.delimiter() == Delimiter::Parenthesis && {
                    LOOKED_FOR.contains(&word(n - 1).as_str())
                };
                walk(group.stream(), if searched { Literals::None } else { Literals::Sentences }, found);
            }
            TokenTree::Literal(literal) => {
                let pattern = sign(n + 1) == '|' || (sign(n + 1) == '=' && sign(n + 2) == '>');
                let label = n > 1 && sign(n - 1) == ':' && word(n - 2) == "label";
                if let Some(text) = text(literal)
                    && (literals == Literals::First || (!pattern && (label || sentence(&text))))
                    && (literals != Literals::None)
                    && wordy(&text)
                {
                    found.insert(text);
                }
                if literals == Literals::First {
                    literals = Literals::Sentences;
                }
            }
            _ => {}
        }
        n += 1;
    }
}

/// Behind the item that an attribute at `n` is on: its body, or its semicolon.
fn behind_item(all: &[TokenTree], n: usize) -> usize {
    let ends = |t: &TokenTree| match t {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    all[n..].iter().position(ends).map_or(all.len(), |more| n + more)
}

/// The text of a plain string literal.
fn text(literal: &Literal) -> Option<String> {
    let plain = literal.to_string().starts_with('"');
    match syn::Lit::new(literal.clone()) {
        syn::Lit::Str(text) if plain => Some(text.value()),
        _ => None,
    }
}

/// Has it letters outside of its places?
fn wordy(text: &str) -> bool {
    let mut outside = wharfage_core::text::pieces(text).filter_map(|piece| match piece {
        wharfage_core::text::Piece::Words(words) => Some(words),
        wharfage_core::text::Piece::Place(_) => None,
    });
    outside.any(|words| words.contains(char::is_alphabetic))
}

/// Does it read like a sentence: with a word that begins with small letters, and a space that is not at an end?
fn sentence(text: &str) -> bool {
    let word = |w: &str| {
        w.trim_start_matches(|c: char| !c.is_alphanumeric()).chars().take(2).filter(|c| c.is_lowercase()).count() == 2
    };
    text.trim().contains(char::is_whitespace) && text.split_whitespace().any(word)
}
