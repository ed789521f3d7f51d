//! Link arguments of the WebAssembly module.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() != Ok("wasm32") {
        return;
    }
    // tract registers kernels and transforms in constructors. Unless they are exported, to be
    // called once, the linker has every export run all of them at every call.
    println!("cargo:rustc-cdylib-link-arg=--export=__wasm_call_ctors");
    // The parser and the planner recurse on what an archive contains.
    println!("cargo:rustc-cdylib-link-arg=-zstack-size=4194304");
}
