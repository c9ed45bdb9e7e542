//! Which language people are spoken to in: `--lang`, else the setting (`WHARFAGE_LANG`, `wharfage.toml`), else the locale.

use std::ffi::OsString;

use clap::ArgMatches;
use wharfage_api::language::{catalogue, of_locale};
use wharfage_core::text::{Catalogue, Language};

use crate::config;

/// As the arguments say before they are understood: help and mistakes in them are told in it too.
pub fn asked(arguments: &[OsString]) -> &'static Catalogue {
    let texts: Vec<_> = arguments.iter().filter_map(|a| a.to_str()).collect();
    let apart = texts.windows(2).filter(|w| w[0] == "--lang").map(|w| w[1]);
    let joined = texts.iter().filter_map(|t| t.strip_prefix("--lang="));
    let flag = apart.chain(joined).find_map(Language::from_id);
    catalogue(flag.unwrap_or_else(environment))
}

/// As the arguments say.
pub fn chosen(matches: &ArgMatches) -> &'static Catalogue {
    let flag = matches.try_get_one::<String>("lang").ok().flatten();
    catalogue(flag.and_then(|id| Language::from_id(id)).unwrap_or_else(environment))
}

/// As the settings say, else the locale: the first of its variables that is set decides (POSIX).
fn environment() -> Language {
    let own = config::layers().get("lang").and_then(|(texts, _)| Language::from_id(texts.first()?));
    let set = |name: &&str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let locale = || ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set).and_then(|v| of_locale(&v));
    own.or_else(locale).unwrap_or(Language::En)
}
