//! The version of tract, and the standard's text it ships.

use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=Cargo.toml");
    println!("cargo:rustc-env=TRACT_VERSION={}", tract_version());
    println!("cargo:rustc-env=NNEF_STANDARD={}", standard().display());
}

/// tract does not tell its version; the manifest pins it.
fn tract_version() -> String {
    let manifest = std::fs::read_to_string("Cargo.toml").expect("a crate has a manifest");
    let pinned = manifest.lines().find_map(|line| line.strip_prefix("tract-core = \"="));
    pinned.expect("tract-core is pinned").trim_end_matches('"').to_string()
}

/// The standard's declarations of operators: a file in the sources of tract-nnef, which hands out
/// only what it parsed of it.
fn standard() -> PathBuf {
    let cargo = std::env::var_os("CARGO").expect("cargo runs this");
    let target = std::env::var("TARGET").expect("cargo says for what it builds");
    let told = Command::new(cargo)
        // Of one platform: those of others have not been fetched.
        .args(["metadata", "--format-version=1", "--locked", "--filter-platform", &target])
        .output()
        .expect("cargo runs");
    let told = String::from_utf8(told.stdout).expect("metadata are UTF-8").replace("\\\\", "/");
    let place = format!("/tract-nnef-{}/Cargo.toml", tract_version());
    let manifest = told.split('"').find(|text| text.ends_with(&place));
    let manifest = manifest.expect("tract-nnef is among the dependencies");
    PathBuf::from(manifest).with_file_name("stdlib.nnef")
}
