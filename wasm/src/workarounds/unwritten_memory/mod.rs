//! Memory that is zeroed before it is handed out: `proposal.md`.

use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, but for memory nobody wrote: hands out zeros.
///
/// The border tiles of tract's matrix kernels multiply lanes nobody wrote. What is left in
/// recycled memory reads there as denormal floats, each of which costs the processor a hundred
/// times a normal one: a pulse then takes 14 times as long. The first frames of a pulsed scan are
/// memory nobody wrote, too. Zeroing costs less than can be measured.
pub struct Zeroing;

// Allocators are unsafe by nature; each call goes to the system's with the same layout.
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
