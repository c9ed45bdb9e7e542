//! `wharfage`: what containers cost on AWS and Google Cloud, in a terminal.
//!
//! Results go to the standard output, messages to the standard error. The program is [`main`]; the rest is public for
//! tests, which draw answers without a terminal.

mod args;
mod book;
mod break_even;
pub mod chart;
mod config;
pub mod diff;
mod format;
mod help;
mod hints;
mod input;
mod language;
mod manual;
mod output;
mod plot;
mod prices;
mod progress;
mod queue;
mod recommend;
mod report;
mod run;
mod series;
mod simulate;
pub mod table;
mod usage;

use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// all that was asked is answered
    Done = 0,
    /// nothing is feasible, a check failed, or a simulation was stopped early
    Nothing = 1,
    /// bad input or usage
    BadInput = 2,
    /// `estimate` met a platform that is partial or unpriced
    Unpriced = 3,
    /// stopped before anything was known, as shells tell it
    Interrupted = 130,
}

/// Runs the program with the process's arguments, and says how it ended: 0 done, 1 nothing feasible, 2 bad input or
/// usage, 3 `estimate` met a platform that is partial or unpriced.
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let words = language::asked(&arguments);
    let command = help::localized(config::configured(args::command(), config::layers()), words);
    let exit = match command.try_get_matches_from(&arguments) {
        Ok(matches) => run::run(&matches),
        Err(e) => report::usage(&e, args::asks_for_json(&arguments), words),
    };
    ExitCode::from(exit as u8)
}
