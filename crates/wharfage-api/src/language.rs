//! The languages that people are spoken to in, and how a reader's is found.
//!
//! English stands in the code. The translations are the catalogues `i18n/*.po` of this crate, which its build script turns
//! into sorted tables. JSON and CSV are English whatever the language.
//!
//! ```
//! use wharfage_api::language::{catalogue, of_locale};
//! let language = of_locale("ko_KR.UTF-8").unwrap();
//! assert_eq!(catalogue(language).say("Memory"), "메모리");
//! ```

use wharfage_core::text::{Catalogue, Language};

static ENGLISH: Catalogue = Catalogue::ENGLISH;
static KOREAN: Catalogue = Catalogue { language: Language::Ko, entries: include!(concat!(env!("OUT_DIR"), "/ko.rs")) };

/// What a language says for the English of the code.
pub fn catalogue(language: Language) -> &'static Catalogue {
    match language {
        Language::En => &ENGLISH,
        Language::Ko => &KOREAN,
    }
}

/// The language of a locale, such as `ko`, `ko_KR.UTF-8` or `en-GB`; `None` where there is no catalogue for it.
pub fn of_locale(locale: &str) -> Option<Language> {
    let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
    Language::from_id(&language.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_have_languages() {
        #[rustfmt::skip]
        let cases = [
            ("ko_KR.UTF-8", Some(Language::Ko)), ("ko", Some(Language::Ko)), ("KO-kr", Some(Language::Ko)),
            ("en_US.UTF-8", Some(Language::En)), ("C.UTF-8", None), ("POSIX", None), ("kok_IN", None), ("", None),
        ];
        for (locale, want) in cases {
            assert_eq!(of_locale(locale), want, "{locale}");
        }
    }

    #[test]
    fn every_entry_can_be_found() {
        assert!(KOREAN.entries.is_sorted_by(|a, b| a.0 < b.0));
        assert!(KOREAN.entries.len() > 500);
    }
}
