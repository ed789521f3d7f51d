//! Zeroed memory, in place of uninitialised: `proposal.md`.

use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, with all memory zeroed.
///
/// The border tiles of tract's matrix kernels multiply uninitialised lanes. Old integers there read as
/// denormal floats, on which some processors are a hundred times slower: a pulse took 14 times as
/// long. The first frames of a pulsed scan are uninitialised, too.
pub struct Zeroing;

// `GlobalAlloc` is unsafe to implement; each call passes its layout on to the system's allocator.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Zeroing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let grown = unsafe { System.realloc(block, layout, size) };
        if !grown.is_null() && size > layout.size() {
            unsafe { grown.add(layout.size()).write_bytes(0, size - layout.size()) };
        }
        grown
    }
}
