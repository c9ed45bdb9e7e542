//! Everything CI runs, runnable by hand: `cargo xtask check`. Run without arguments it lists its tasks.
//!
//! A job that can't run is a failed job: a missing tool is named with the command that installs it. Exceptions are the
//! contract scripts, which live outside the project and are run where they are found, and cargo-deny, which takes longer to install
//! than everything else takes to run.

mod data;
mod fuzz;
mod run;
mod wasm;

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use run::{Command, Outcome};

const USAGE: &str = "\
cargo xtask check            everything CI runs
cargo xtask check --fast     only format, clippy and tests
cargo xtask check JOB…       only these: format fetch clippy tests doc-tests rustdoc package data wasm fuzz release benches coverage deny contract
cargo xtask bless            rewrite expected outputs and error texts; read the diff
cargo xtask docs             rewrite the pages of docs/ that are made from code and data
cargo xtask wasm             the WebAssembly build, and the simulator's digest in it
cargo xtask fuzz [SECONDS]   every fuzz target for so long (default 10)
cargo xtask bench            the benches, with criterion's own settings
";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["check"] => all(&every()),
        ["check", "--fast"] => all(FAST),
        ["check", ref names @ ..] => some(names),
        ["bless"] => bless(),
        ["docs"] => docs(),
        ["wasm"] => wasm::check(),
        ["fuzz"] => fuzz::all(Duration::from_secs(10)),
        ["fuzz", seconds] => match seconds.parse() {
            Ok(n) => fuzz::all(Duration::from_secs(n)),
            Err(_) => Err(format!("`{seconds}` is not a number of seconds")),
        },
        ["bench"] => Command::cargo("bench --package wharfage-benches --bench *").run(),
        _ => Err(format!("what to do?\n\n{USAGE}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The project's root folder.
fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).expect("this crate lies two folders below the root").to_owned()
}

/// The folder of build outputs.
fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

type Job = (&'static str, fn() -> Outcome);

const FAST: &[Job] = &[("format", format), ("fetch", fetch), ("clippy", clippy), ("tests", tests)];

const FULL: &[Job] = &[
    ("doc-tests", doc_tests),
    ("rustdoc", rustdoc),
    ("package", package),
    ("data", data::counts),
    ("wasm", wasm::check),
    ("fuzz", || fuzz::all(Duration::from_secs(10))),
    ("release", release),
    ("benches", short_benches),
    ("coverage", coverage),
    ("deny", deny),
    ("contract", contract),
];

fn every() -> Vec<Job> {
    [FAST, FULL].concat()
}

fn some(names: &[&str]) -> Outcome {
    let find = |name: &&str| {
        every().into_iter().find(|(n, _)| n == name).ok_or(format!("no job is called `{name}`\n\n{USAGE}"))
    };
    all(&names.iter().map(find).collect::<Result<Vec<_>, _>>()?)
}

fn all(jobs: &[Job]) -> Outcome {
    let start = Instant::now();
    let mut times = Vec::new();
    for (n, (name, job)) in jobs.iter().enumerate() {
        println!("\n== {} of {}: {name}", n + 1, jobs.len());
        let start = Instant::now();
        job().map_err(|why| format!("{name}: {why}"))?;
        times.push((name, start.elapsed()));
    }
    println!("\n== all {} jobs passed in {:.0?}", jobs.len(), start.elapsed());
    for (name, time) in times {
        println!("{:>7.1} s  {name}", time.as_secs_f64());
    }
    Ok(())
}

fn format() -> Outcome {
    Command::cargo("fmt --all --check").run()
}

/// All dependencies, those of other systems too: tests and packages look at every one of them, offline.
fn fetch() -> Outcome {
    Command::cargo("fetch --locked --quiet").run()
}

fn clippy() -> Outcome {
    Command::cargo("clippy --workspace --all-targets -- -D warnings").run()
}

fn tests() -> Outcome {
    if Command::cargo("nextest --version").succeeds() {
        Command::cargo("nextest run --workspace --no-fail-fast").run()
    } else {
        println!("cargo-nextest is not installed: cargo test runs the same tests");
        Command::cargo("test --workspace --all-targets --no-fail-fast --exclude wharfage-benches").run()
    }
}

fn doc_tests() -> Outcome {
    Command::cargo("test --workspace --doc").run()
}

fn rustdoc() -> Outcome {
    Command::cargo("doc --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings").run()
}

fn short_benches() -> Outcome {
    Command::cargo(
        "bench --package wharfage-benches --bench * -- --noplot --quiet --warm-up-time 0.5 --measurement-time 1",
    )
    .run()
}

fn release() -> Outcome {
    Command::cargo("build --release --package wharfage-cli").run()
}

fn program() -> PathBuf {
    target().join("release").join("wharfage").with_extension(env::consts::EXE_EXTENSION)
}

fn coverage() -> Outcome {
    Command::new(program()).args("prices coverage").run()
}

/// What the dependencies are, where they come from and under which licences. Advisories need a database from elsewhere: by hand.
fn deny() -> Outcome {
    if !Command::cargo("deny --version").succeeds() {
        println!("SKIPPED: cargo-deny is not installed: cargo install --locked cargo-deny");
        return Ok(());
    }
    Command::cargo("deny check bans licenses sources").run()
}

/// Worked examples kept outside the project, where they are present.
fn contract() -> Outcome {
    let scripts = root().join("../shared/contract");
    if !scripts.is_dir() {
        println!("SKIPPED: the contract scripts are not beside this project (../shared/contract)");
        return Ok(());
    }
    for (name, options) in [("check-core", "--upto core-2"), ("check-sim-exact", ""), ("check-sim-closed", "")] {
        Command::new(scripts.join(name)).arg(program()).args(options).run()?;
    }
    Ok(())
}

/// What would be published, without building it again from the packages: `cargo package --workspace` does that too.
fn package() -> Outcome {
    let unpublished =
        ["wharfage-tests", "wharfage-benches", "sim-digest", "xtask"].map(|name| format!(" --exclude {name}")).concat();
    Command::cargo("package --offline --allow-dirty --no-verify --workspace").args(&unpublished).run()
}

/// The job `tests` fails while a page is stale.
fn docs() -> Outcome {
    Command::cargo("test --package wharfage-tests --test docs").env("UPDATE_EXPECT", "1").run()
}

fn bless() -> Outcome {
    Command::cargo("test --package wharfage-tests --no-fail-fast").env("UPDATE_EXPECT", "1").run()?;
    println!("expected outputs are rewritten where they differed: read the diff before committing it");
    Ok(())
}
