//! Builds the crates that the web page runs for `wasm32-unknown-unknown`.
//!
//! Where the compiler in use has the target's standard library (`rustup target add wasm32-unknown-unknown`), it builds them.
//! Elsewhere Debian's own compiler does, whose package holds the library's sources: the library is built along, in a
//! target folder of its own, so that the two compilers do not throw out each other's work.

use std::{env, path::Path};

use crate::{
    run::{Command, Outcome},
    target,
};

const CRATES: [&str; 4] = ["wharfage-core", "wharfage-sim", "wharfage-prices", "wharfage-api"];
const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library";
const DEBIAN_PACKAGES: &str = "rustc-web cargo-web rust-web-src lld-19";

/// Builds them all.
pub fn build() -> Outcome {
    let packages: String = CRATES.map(|name| format!(" --package {name}")).concat();
    let libraries = Command::new("rustc").args("--print target-libdir --target").arg(TARGET).output()?;
    let args = format!("build --release --target {TARGET}{packages}");
    if Path::new(&libraries).is_dir() {
        return Command::cargo(&args).run();
    }
    println!("the compiler has no {TARGET} library ({libraries}): looking for Debian's");
    let Some(linker) = linker().filter(|_| Path::new(DEBIAN_RUSTC).is_file() && Path::new(DEBIAN_LIBRARY).is_dir())
    else {
        return Err(format!(
            "no compiler for {TARGET}. Either: rustup target add {TARGET}\n\
             or, on Debian: apt-get install -y --no-install-recommends {DEBIAN_PACKAGES}"
        ));
    };
    Command::new("/usr/bin/cargo")
        .args(&args)
        .arg("-Zbuild-std=std,panic_abort")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
        .env("CARGO_TARGET_DIR", target().join("wasm"))
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", DEBIAN_RUSTC)
        .run()
}

fn linker() -> Option<&'static str> {
    let path = env::var_os("PATH")?;
    let names = ["wasm-ld-19", "wasm-ld"];
    names.into_iter().find(|name| env::split_paths(&path).any(|dir| dir.join(name).is_file()))
}
