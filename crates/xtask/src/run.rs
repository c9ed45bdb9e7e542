//! Runs programs: prints each command line before it runs, and says how it failed.

use std::{
    ffi::{OsStr, OsString},
    process::{self, Stdio},
};

/// Nothing, or why a job failed.
pub type Outcome = Result<(), String>;

/// A program with its arguments, run in the project's root.
pub struct Command {
    shown: Vec<String>,
    inner: process::Command,
}

impl Command {
    /// A program without arguments yet.
    pub fn new(program: impl Into<OsString>) -> Self {
        let program = program.into();
        let mut inner = process::Command::new(&program);
        inner.current_dir(crate::root()).stdin(Stdio::null());
        // `cargo run` points this at its own compiler's libraries; another compiler must not find them.
        inner.env_remove("LD_LIBRARY_PATH");
        Self { shown: vec![program.to_string_lossy().into_owned()], inner }
    }

    /// `cargo` with arguments separated by spaces.
    pub fn cargo(args: &str) -> Self {
        Self::new("cargo").args(args)
    }

    /// Adds arguments separated by spaces.
    pub fn args(mut self, args: &str) -> Self {
        for arg in args.split_whitespace() {
            self = self.arg(arg);
        }
        self
    }

    /// Adds one argument, spaces and all.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.shown.push(arg.as_ref().to_string_lossy().into_owned());
        self.inner.arg(arg);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        let value = value.as_ref();
        let shown = value.to_string_lossy();
        let quote = if shown.contains(' ') { "'" } else { "" };
        self.shown.insert(0, format!("{name}={quote}{shown}{quote}"));
        self.inner.env(name, value);
        self
    }

    /// Runs it with its output shown.
    pub fn run(mut self) -> Outcome {
        println!("$ {}", self.shown.join(" "));
        match self.inner.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("failed ({status}): {}", self.shown.join(" "))),
            Err(e) => Err(format!("can't start {}: {e}", self.shown.join(" "))),
        }
    }

    /// Runs it in silence: did it succeed?
    pub fn succeeds(mut self) -> bool {
        let status = self.inner.stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|s| s.success())
    }

    /// Runs it in silence and answers with what it printed, trimmed.
    pub fn output(mut self) -> Result<String, String> {
        let out = self.inner.stderr(Stdio::null()).output();
        match out {
            Ok(out) if out.status.success() => Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned()),
            _ => Err(format!("failed: {}", self.shown.join(" "))),
        }
    }
}
