//! Gives the crate the version of tract.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=Cargo.toml");
    println!("cargo:rustc-env=TRACT_VERSION={}", tract_version());
}

/// The version that the manifest pins: tract has no constant for it.
fn tract_version() -> String {
    let manifest = std::fs::read_to_string("Cargo.toml").expect("a crate has a manifest");
    let pinned = manifest.lines().find_map(|line| line.strip_prefix("tract-core = \"="));
    pinned.expect("tract-core is pinned").trim_end_matches('"').to_string()
}
