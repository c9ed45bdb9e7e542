//! Tables for people, drawn from the response alone.

use std::io::IsTerminal;

use clap::ArgMatches;
use wharfage_api::response::EstimateResponse;

/// How wide, and with which colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// columns of the terminal; `None`: as wide as it needs
    pub width: Option<u16>,
    /// may it use colour
    pub colour: bool,
}

impl Look {
    /// As the arguments and the terminal have it, for the answer.
    pub fn new(matches: &ArgMatches) -> Self {
        let to_file = matches.get_one::<std::path::PathBuf>("output").is_some();
        let terminal = std::io::stdout().is_terminal() && !to_file;
        let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
        let width = columns.or_else(|| terminal.then(|| terminal_size::terminal_size().map(|(w, _)| w.0)).flatten());
        Self { width, colour: colour(matches, terminal) }
    }

    /// As the arguments and the terminal have it, for messages.
    pub fn for_messages(matches: &ArgMatches) -> Self {
        Self { width: None, colour: colour(matches, std::io::stderr().is_terminal()) }
    }
}

fn colour(matches: &ArgMatches, terminal: bool) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    match matches.get_one::<String>("color").map(String::as_str) {
        Some("always") => true,
        Some("never") => false,
        _ => terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|t| t != "dumb"),
    }
}

/// Draws an answer.
pub fn draw(_command: &str, response: &EstimateResponse, _look: &Look) -> String {
    wharfage_api::response::to_json(response)
}
