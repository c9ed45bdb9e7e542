//! Builds the crates that the web page runs for `wasm32-unknown-unknown`.
//!
//! Where the compiler in use has the target's standard library (`rustup target add wasm32-unknown-unknown`), it builds them.
//! Elsewhere Debian's own compiler does, whose package holds the library's sources: the library is built along, in a
//! target folder of its own, so that the two compilers do not throw out each other's work.
//!
//! Then it runs the simulator's digest as WebAssembly, in an interpreter, so that nothing else needs to be installed.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Instant,
};

use wasmi::{Engine, Linker, Module, Store, Val};

use crate::{
    run::{Command, Outcome},
    target,
};

const CRATES: [&str; 4] = ["wharfage-core", "wharfage-sim", "wharfage-prices", "wharfage-api"];
const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library";
const DEBIAN_PACKAGES: &str = "rustc-web cargo-web rust-web-src lld-19";

/// Builds them all, and compares the simulator's digest.
pub fn check() -> Outcome {
    let packages: String = CRATES.map(|name| format!(" --package {name}")).concat();
    build(&packages)?;
    let folder = build("--package sim-digest")?;
    run_digest(&folder.join(TARGET).join("release/sim-digest.wasm"))
}

/// Builds what the arguments name: the target folder it is in then.
fn build(what: &str) -> Result<PathBuf, String> {
    let libraries = Command::new("rustc").args("--print target-libdir --target").arg(TARGET).output()?;
    let args = format!("build --release --target {TARGET} {what}");
    if Path::new(&libraries).is_dir() {
        return Command::cargo(&args).run().map(|()| target());
    }
    println!("the compiler has no {TARGET} library ({libraries}): looking for Debian's");
    let Some(linker) = linker().filter(|_| Path::new(DEBIAN_RUSTC).is_file() && Path::new(DEBIAN_LIBRARY).is_dir())
    else {
        return Err(format!(
            "no compiler for {TARGET}. Either: rustup target add {TARGET}\n\
             or, on Debian: apt-get install -y --no-install-recommends {DEBIAN_PACKAGES}"
        ));
    };
    let folder = target().join("wasm");
    Command::new("/usr/bin/cargo")
        .args(&args)
        .arg("-Zbuild-std=std,panic_abort")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
        .env("CARGO_TARGET_DIR", &folder)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", DEBIAN_RUSTC)
        .run()?;
    Ok(folder)
}

/// Runs the digest's `main`, which panics where it comes to another number than it should.
fn run_digest(file: &Path) -> Outcome {
    let start = Instant::now();
    let bytes = fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let engine = Engine::default();
    let ran = Module::new(&engine, &bytes[..]).and_then(|module| {
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
        let main = instance.get_func(&store, "main").expect("a program has a main function");
        main.call(&mut store, &[Val::I32(0), Val::I32(0)], &mut [Val::I32(0)])
    });
    ran.map_err(|e| format!("the simulator gives other results as WebAssembly: {e}"))?;
    println!("the simulator's digest is the same as WebAssembly ({:.1} s)", start.elapsed().as_secs_f64());
    Ok(())
}

fn linker() -> Option<&'static str> {
    let path = env::var_os("PATH")?;
    let names = ["wasm-ld-19", "wasm-ld"];
    names.into_iter().find(|name| env::split_paths(&path).any(|dir| dir.join(name).is_file()))
}
