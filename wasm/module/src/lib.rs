//! The library as a WebAssembly module, with an allocator and a panic hook. `js/instance.ts` calls
//! its exports.
#![cfg(target_arch = "wasm32")]

use engine::abi;
use engine::abi::memory::Limited;
use engine::workarounds::unwritten_memory::Zeroing;

#[global_allocator]
static ALLOCATOR: Limited<Zeroing> = Limited(Zeroing);

/// Must be the first call. Returns the address of the control block.
// The attribute is unsafe because of the exported name; the code is safe.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub extern "C" fn control() -> usize {
    std::panic::set_hook(Box::new(abi::record_panic));
    abi::control()
}
