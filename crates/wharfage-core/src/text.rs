//! Texts for people: an English sentence with named places, the values for them, and catalogues that say it in other
//! languages.
//!
//! English stands in the code, where it is used, and is the key of its translations. `{name}` is a place; braces around
//! anything but a name are themselves. Nothing here knows a file or a locale.
//!
//! ```
//! use wharfage_core::{text, text::{Catalogue, Language}};
//! let korean = Catalogue { language: Language::Ko, entries: &[("{n} keys", "키 {n}개")] };
//! let text = text!("{n} keys", n = 2);
//! assert_eq!(text.to_string(), "2 keys");
//! assert_eq!(korean.tell(&text), "키 2개");
//! ```

use std::{borrow::Cow, fmt};

use crate::text;

/// A language that people are spoken to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English
    En,
    /// Korean
    Ko,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Ko];

    /// Two letters (ISO 639-1).
    pub const fn id(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    /// From two letters.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.id() == id)
    }
}

/// A sentence or a word for people.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text {
    /// English, with `{name}` where values go
    pub template: &'static str,
    /// the values
    pub args: Box<[(&'static str, Value)]>,
}

/// What stands in a place of a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// a figure, an id, something of the user's: the same in every language
    Plain(String),
    /// words that another language has its own for
    Text(Text),
    /// words of another program or of the tables, which a catalogue may know
    Known(String),
    /// a city, by its names in English and Korean
    City {
        /// `Seoul`
        en: String,
        /// `서울`
        ko: String,
    },
}

impl Text {
    /// A text with values.
    pub fn new(template: &'static str, args: Vec<(&'static str, Value)>) -> Self {
        debug_assert!(
            pieces(template).all(|p| matches!(p, Piece::Words(_)) || args.iter().any(|(n, _)| p == Piece::Place(n))),
            "`{template}` names a value that it is not given"
        );
        Self { template, args: args.into_boxed_slice() }
    }

    /// A text that is the same in every language.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new("{text}", vec![("text", Value::Plain(text.into()))])
    }

    /// Words of another program, which a catalogue may know.
    pub fn known(text: impl Into<String>) -> Self {
        Self::new("{text}", vec![("text", Value::Known(text.into()))])
    }

    /// Has it no words at all?
    pub fn is_empty(&self) -> bool {
        self.template.is_empty()
    }
}

impl From<&'static str> for Text {
    fn from(template: &'static str) -> Self {
        Self::new(template, Vec::new())
    }
}

/// In English.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Catalogue::ENGLISH.tell(self))
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

macro_rules! plain {
    ($($of:ty),*) => {
        $(impl From<$of> for Value {
            fn from(value: $of) -> Self {
                Self::Plain(value.to_string())
            }
        })*
    };
}

plain!(String, &String, &str, &&str, Cow<'_, str>, char, i32, u8, u32, u64, u128, usize, jiff::civil::Date);
plain!(rust_decimal::Decimal);

/// One of several: `a or b or c`.
pub fn either(words: impl IntoIterator<Item = impl Into<Value>>) -> Text {
    joined(words, |some, other| text!("{some} or {other}", some, other))
}

/// All of several: `a and b and c`.
pub fn both(words: impl IntoIterator<Item = impl Into<Value>>) -> Text {
    joined(words, |some, other| text!("{some} and {other}", some, other))
}

/// Several, with commas: `a, b, c`.
pub fn listed(words: impl IntoIterator<Item = impl Into<Value>>) -> Text {
    joined(words, |some, other| text!("{some}, {other}", some, other))
}

fn joined(words: impl IntoIterator<Item = impl Into<Value>>, with: fn(Text, Text) -> Text) -> Text {
    let all = words.into_iter().map(|word| Text::new("{text}", vec![("text", word.into())]));
    all.reduce(with).unwrap_or_else(|| Text::plain(""))
}

/// A [`Text`](crate::text::Text): `text!("{n} keys in {place}", n = 2, place)`. The English is what a catalogue translates.
#[macro_export]
macro_rules! text {
    (@value $name:ident) => { $crate::text::Value::from($name) };
    (@value $name:ident $value:expr) => { $crate::text::Value::from($value) };
    ($template:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::text::Text::new($template, vec![$((stringify!($name), $crate::text!(@value $name $($value)?))),*])
    };
}

/// Marks an English word or sentence as one that a catalogue translates. Sentences are found without a mark; single
/// words can't be told from ids.
#[macro_export]
macro_rules! tr {
    ($template:literal) => {
        $template
    };
}

/// What a language says for English templates.
#[derive(Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// the language
    pub language: Language,
    /// English and its translation, sorted by the English
    pub entries: &'static [(&'static str, &'static str)],
}

impl Catalogue {
    /// English, which needs no translation.
    pub const ENGLISH: Self = Self { language: Language::En, entries: &[] };

    /// The translation of a template or a word, if it has one.
    pub fn find(&self, english: &str) -> Option<&'static str> {
        let found = self.entries.binary_search_by(|(key, _)| (*key).cmp(english)).ok()?;
        Some(self.entries[found].1)
    }

    /// A template or a word; English where the catalogue lacks it.
    pub fn say<'t>(&self, english: &'t str) -> &'t str {
        self.find(english).unwrap_or(english)
    }

    /// A text with its values in their places.
    pub fn tell(&self, text: &Text) -> String {
        let mut out = String::new();
        for piece in pieces(self.say(text.template)) {
            match piece {
                Piece::Words(words) => out.push_str(words),
                Piece::Place(name) => {
                    let value = text.args.iter().find(|(n, _)| *n == name);
                    value.into_iter().for_each(|(_, value)| out.push_str(&self.value(value)));
                }
            }
        }
        out
    }

    fn value<'v>(&self, value: &'v Value) -> Cow<'v, str> {
        match value {
            Value::Plain(text) => Cow::Borrowed(text),
            Value::Text(text) => Cow::Owned(self.tell(text)),
            Value::Known(text) => Cow::Borrowed(self.say(text)),
            Value::City { en, ko } => Cow::Borrowed(if self.language == Language::Ko { ko } else { en }),
        }
    }
}

/// A part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'t> {
    /// as it is
    Words(&'t str),
    /// where the value of this name goes
    Place(&'t str),
}

/// The parts of a template, in order.
pub fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(name) = leading_name(rest) {
            rest = &rest[name.len() + 2..];
            return Some(Piece::Place(name));
        }
        let next = rest.char_indices().skip(1).find(|(at, c)| *c == '{' && leading_name(&rest[*at..]).is_some());
        let (words, after) = rest.split_at(next.map_or(rest.len(), |(at, _)| at));
        rest = after;
        Some(Piece::Words(words))
    })
}

/// `name` of `{name}…`.
fn leading_name(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    let letters = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    letters.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KOREAN: Catalogue = Catalogue {
        language: Language::Ko,
        entries: &[("a list", "목록"), ("it is in {city}", "{city}에 있습니다"), ("not {what}", "{what} 아님")],
    };

    #[test]
    fn values_take_their_places() {
        assert_eq!(text!("{a} of {b}, not {a}", a = 1, b = "2").to_string(), "1 of 2, not 1");
    }

    #[test]
    fn braces_around_anything_but_a_name_are_themselves() {
        let text = text!("write { price = \"0\" } in {place} or {\"x\": 1}", place = "{y}");
        assert_eq!(text.to_string(), "write { price = \"0\" } in {y} or {\"x\": 1}");
    }

    #[test]
    fn a_catalogue_says_sentences_and_the_words_in_them() {
        let text = text!("not {what}", what = text!("a list"));
        assert_eq!((text.to_string(), KOREAN.tell(&text)), ("not a list".into(), "목록 아님".into()));
        assert_eq!(KOREAN.tell(&text!("nobody translated {this}", this = "it")), "nobody translated it");
    }

    #[test]
    fn cities_have_their_own_name_in_each_language() {
        let text = text!("it is in {city}", city = Value::City { en: "Seoul".into(), ko: "서울".into() });
        assert_eq!((text.to_string(), KOREAN.tell(&text)), ("it is in Seoul".into(), "서울에 있습니다".into()));
    }

    #[test]
    fn lists_say_or_and_and() {
        assert_eq!(either(["a"]).to_string(), "a");
        assert_eq!(either(["a", "b", "c"]).to_string(), "a or b or c");
        assert_eq!(both(["a", "b"]).to_string(), "a and b");
        assert_eq!(listed(Vec::<String>::new()).to_string(), "");
    }

    #[test]
    fn words_of_others_are_translated_where_they_are_known() {
        assert_eq!(KOREAN.tell(&Text::known("a list")), "목록");
        assert_eq!(KOREAN.tell(&Text::plain("a list")), "a list");
    }
}
