//! Runs the fuzz targets of `fuzz/` for a while.
//!
//! The compiler's coverage flags are those that `cargo fuzz run -s none` uses, so that no tool need be installed; the folder
//! has cargo-fuzz's layout, and `cargo fuzz run -s none TARGET` works as well. Seeds in `fuzz/seeds/TARGET` are committed;
//! what the fuzzer finds beside them stays in the target folder.

use std::{fs, time::Duration};

use crate::{
    root,
    run::{Command, Outcome},
    target,
};

const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// Every target for `time`.
pub fn all(time: Duration) -> Outcome {
    let host = host()?;
    let build = target().join("fuzz");
    Command::cargo("build --release --locked --manifest-path fuzz/Cargo.toml --bins --target")
        .arg(&host)
        .env("CARGO_TARGET_DIR", &build)
        .env("RUSTFLAGS", COVERAGE)
        .run()?;
    for name in targets()? {
        let (corpus, artifacts) = (build.join("corpus").join(&name), build.join("artifacts").join(&name));
        for folder in [&corpus, &artifacts] {
            fs::create_dir_all(folder).map_err(|e| format!("can't make {}: {e}", folder.display()))?;
        }
        Command::new(build.join(&host).join("release").join(&name))
            .arg(&corpus)
            .arg(root().join("fuzz/seeds").join(&name))
            .arg(format!("-max_total_time={}", time.as_secs()))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .args("-timeout=10 -rss_limit_mb=2048 -max_len=4096 -verbosity=0 -print_funcs=0 -print_final_stats=1")
            .run()
            .map_err(|e| format!("{e}\nthe input that failed is in {}", artifacts.display()))?;
    }
    Ok(())
}

/// The names of the targets, from their files.
fn targets() -> Result<Vec<String>, String> {
    let folder = root().join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).map_err(|e| format!("can't read {}: {e}", folder.display()))?;
    let stems = entries.flatten().filter_map(|e| Some(e.path().file_stem()?.to_str()?.to_owned()));
    let mut names: Vec<String> = stems.collect();
    names.sort_unstable();
    if names.is_empty() { Err("there are no fuzz targets".to_owned()) } else { Ok(names) }
}

fn host() -> Result<String, String> {
    let version = Command::new("rustc").arg("-vV").output()?;
    let line = version.lines().find_map(|l| l.strip_prefix("host: "));
    line.map(str::to_owned).ok_or_else(|| "rustc -vV names no host".to_owned())
}
