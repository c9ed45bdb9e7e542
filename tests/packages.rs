//! What the packages say of themselves: licence, texts, and the oldest compiler that builds them.
//!
//! That no newer part of the standard library is used than the stated compiler has is clippy's lint `incompatible_msrv`.

use std::{path::PathBuf, process::Command};

use serde::Deserialize;
use wharfage_tests::root;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    /// `None` for our own
    source: Option<String>,
    rust_version: Option<String>,
    /// registries it may go to; none where it is not published
    publish: Option<Vec<String>>,
    license: Option<String>,
    description: Option<String>,
    repository: Option<String>,
    manifest_path: PathBuf,
}

impl Package {
    fn is_ours(&self) -> bool {
        self.source.is_none()
    }

    fn is_published(&self) -> bool {
        self.publish.as_ref().is_none_or(|to| !to.is_empty())
    }
}

/// Ours and all that they depend on, from the lock file.
fn packages() -> Vec<Package> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked", "--offline"]).current_dir(root());
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Metadata>(&output.stdout).expect("cargo writes JSON").packages
}

/// `1.90` as (1, 90, 0)
fn version(text: &str) -> (u32, u32, u32) {
    let mut parts = text.split('.').map(|n| n.parse().unwrap_or_else(|_| panic!("{text} is no version")));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

#[test]
fn no_dependency_needs_a_newer_compiler_than_ours_state() {
    let all = packages();
    let stated = all.iter().filter(|p| p.is_ours()).map(|p| p.rust_version.as_deref().expect("stated"));
    let stated: std::collections::BTreeSet<&str> = stated.collect();
    let [ours] = stated.iter().collect::<Vec<_>>()[..] else { panic!("one version for all: {stated:?}") };
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains(&format!("toolchain of {ours} or later")), "README states another version than {ours}");
    let newer = all.iter().filter(|p| p.rust_version.as_deref().is_some_and(|v| version(v) > version(ours)));
    assert_eq!(newer.map(|p| &p.name).collect::<Vec<_>>(), Vec::<&String>::new(), "need more than {ours}");
}

#[test]
fn what_is_published_says_what_it_is() {
    for p in packages().iter().filter(|p| p.is_ours() && p.is_published()) {
        let crates = root().join("crates");
        assert!(p.manifest_path.starts_with(&crates), "{} is published and does not lie in crates/", p.name);
        for (what, text) in [("license", &p.license), ("description", &p.description), ("repository", &p.repository)] {
            assert!(text.as_ref().is_some_and(|t| !t.is_empty()), "{}: {what}", p.name);
        }
    }
}
