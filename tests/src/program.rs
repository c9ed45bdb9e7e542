//! Runs the program `wharfage` itself, built once with the profile of the tests.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
    thread,
};

/// What a run of the program left behind.
#[derive(Debug)]
pub struct Ran {
    /// the exit code; `None` where a signal ended it
    pub code: Option<i32>,
    /// the standard output
    pub stdout: String,
    /// the standard error
    pub stderr: String,
}

/// The program's path. The first call builds it: another package's program is not built for a test by itself.
pub fn program() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let own = env::current_exe().expect("a test runs from a file");
        // `target/debug/deps/errors-0123`: two folders up is the profile's, another one up the target folder.
        let profile = own.parent().and_then(Path::parent).expect("tests lie in the profile's deps/");
        let name = profile.file_name().expect("a profile has a name").to_string_lossy();
        let name = if name == "debug" { "dev" } else { &name };
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--package", "wharfage-cli", "--profile", name, "--target-dir"]);
        let built =
            cargo.arg(profile.parent().expect("a profile lies in the target folder")).current_dir(crate::root());
        assert!(built.status().expect("cargo runs").success(), "wharfage-cli does not build");
        profile.join(format!("wharfage{}", env::consts::EXE_SUFFIX))
    })
}

/// Runs the program in `folder` with nothing on its standard input.
pub fn run<S: AsRef<str>>(folder: &Path, args: &[S]) -> Ran {
    run_with(folder, args, b"")
}

/// Runs the program in `folder` with `input` on its standard input.
pub fn run_with<S: AsRef<str>>(folder: &Path, args: &[S], input: &[u8]) -> Ran {
    let mut child = command(folder, args).stdin(Stdio::piped()).spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it was asked for");
    let input = input.to_vec();
    // The program may end without reading; that is its own business.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("writing does not panic");
    ran(&output)
}

/// The program with arguments, in a folder, in a plain terminal's environment; outputs are caught. The developer's own
/// settings play no part: only a `wharfage.toml` in the folder itself is read.
pub fn command<S: AsRef<str>>(folder: &Path, args: &[S]) -> Command {
    let mut command = Command::new(program());
    command.args(args.iter().map(AsRef::as_ref)).current_dir(folder);
    for (name, _) in env::vars().filter(|(name, _)| name.starts_with("WHARFAGE_")) {
        command.env_remove(name);
    }
    if folder.join("wharfage.toml").is_file() {
        command.env("XDG_CONFIG_HOME", folder).env("APPDATA", folder);
    } else {
        command.env("WHARFAGE_NO_CONFIG", "1");
    }
    for name in ["NO_COLOR", "COLUMNS", "TERM", "LANG", "LC_ALL", "LC_MESSAGES", "WHARFAGE_LANG", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ran(output: &Output) -> Ran {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the program writes UTF-8");
    Ran { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// A new folder for files that a test writes, below the build's own. Each test has its own, named like its thread: the
/// same cases are run by several tests at a time.
pub fn scratch(name: &str) -> PathBuf {
    let thread = thread::current();
    let own = thread.name().unwrap_or("unnamed").replace("::", "-");
    let folder = program().parent().expect("it lies in a folder").join("scratch").join(own).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the build's folder can be written");
    folder
}
