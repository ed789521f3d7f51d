//! The version of tract, and link arguments for the WebAssembly build.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=Cargo.toml");
    println!("cargo:rustc-env=TRACT_VERSION={}", tract_version());
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() != Ok("wasm32") {
        return;
    }
    // tract registers kernels and transforms in constructors. Unless they are exported, to be
    // called once, the linker has every export run all of them at every call.
    println!("cargo:rustc-cdylib-link-arg=--export=__wasm_call_ctors");
    // The parser and the planner recurse on what an archive contains.
    println!("cargo:rustc-cdylib-link-arg=-zstack-size=4194304");
}

/// tract does not tell its version; the manifest pins it.
fn tract_version() -> String {
    let manifest = std::fs::read_to_string("Cargo.toml").expect("a crate has a manifest");
    let pinned = manifest.lines().find_map(|line| line.strip_prefix("tract-core = \"="));
    pinned.expect("tract-core is pinned").trim_end_matches('"').to_string()
}
