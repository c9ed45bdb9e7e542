//! What the benchmarks share: see `benches/pricing.rs` and `benches/simulate.rs`.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

/// The release program `wharfage`, as a whole process.
#[derive(Debug)]
pub struct Program(PathBuf);

impl Program {
    /// The program in the folder that the running bench's own folder lies in; `None`, with a word about it, where it is not built.
    ///
    /// # Panics
    /// Where a running program has no path.
    pub fn built() -> Option<Self> {
        let mut path = std::env::current_exe().expect("a running program has a path");
        path.pop();
        path.pop();
        path.push("wharfage");
        if path.exists() {
            return Some(Self(path));
        }
        eprintln!("no {}: build the program in release first to measure a whole process", path.display());
        None
    }

    /// Runs it with arguments that have spaces between them.
    ///
    /// # Panics
    /// Where the program does not start.
    pub fn run(&self, arguments: &str) -> Output {
        Command::new(&self.0).args(arguments.split_whitespace()).output().expect("the program starts")
    }
}
