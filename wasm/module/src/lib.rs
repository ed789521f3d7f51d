//! The library as a WebAssembly module: `js/instance.ts` calls its exports.
#![cfg(target_arch = "wasm32")]

use engine::abi;
use engine::abi::memory::Limited;
use engine::workarounds::unwritten_memory::Zeroing;

#[global_allocator]
static ALLOCATOR: Limited<Zeroing> = Limited(Zeroing);

/// To be called once, first. Answers the address of the control block.
// Only exports a name: nothing behind it is unsafe.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub extern "C" fn control() -> usize {
    std::panic::set_hook(Box::new(abi::record_panic));
    abi::control()
}
