//! `wharfage prices`: what the tables hold.

use clap::ArgMatches;

use crate::{input::Texts, run::Answer};

/// Runs `prices list`, `show` or `coverage`.
pub fn run(_matches: &ArgMatches, _texts: &mut Texts) -> Answer {
    Ok((String::new(), crate::Exit::Done))
}
