//! `wharfage`: what containers cost on AWS and Google Cloud, in a terminal.
//!
//! Results go to the standard output, messages to the standard error. Exit codes: see [`Exit`].

mod args;
mod book;
mod input;
mod output;
mod prices;
mod report;
mod run;
mod table;

use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// all that was asked is answered
    Done = 0,
    /// nothing is feasible, or a check failed
    Nothing = 1,
    /// bad input or usage
    BadInput = 2,
    /// `estimate` met a platform that is partial or unpriced
    Unpriced = 3,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let exit = match args::command().try_get_matches_from(&arguments) {
        Ok(matches) => run::run(&matches),
        Err(e) => report::usage(&e, args::asks_for_json(&arguments)),
    };
    ExitCode::from(exit as u8)
}
