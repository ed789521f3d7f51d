//! The global allocator: zeroes what it hands out and refuses what is too large.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Hands out zeroed memory only.
///
/// The border tiles of tract's matrix kernels multiply lanes nobody wrote. What is left in
/// recycled memory reads there as denormal floats, each of which costs the processor a hundred
/// times a normal one: a pulse then takes 14 times as long. The first frames of a pulsed scan are
/// memory nobody wrote, too. Zeroing costs less than can be measured.
pub struct Zeroing;

/// The largest block ever granted, so that an archive cannot ask for the whole address space.
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Size of the block last refused, or 0: tells running out of memory from other traps.
static REFUSED: AtomicUsize = AtomicUsize::new(0);

/// Sets the largest block granted from now on, in bytes.
pub fn set_limit(bytes: usize) {
    LIMIT.store(bytes, Ordering::Relaxed);
}

/// Where the size of the last refused block is kept.
pub fn refused() -> &'static AtomicUsize {
    &REFUSED
}

fn granted(size: usize) -> bool {
    let granted = size <= LIMIT.load(Ordering::Relaxed);
    if !granted {
        REFUSED.store(size, Ordering::Relaxed);
    }
    granted
}

// Allocators are unsafe by nature; each call goes to the system's with the same layout.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Zeroing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { self.alloc_zeroed(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !granted(layout.size()) {
            return std::ptr::null_mut();
        }
        let block = unsafe { System.alloc_zeroed(layout) };
        if block.is_null() {
            REFUSED.store(layout.size(), Ordering::Relaxed);
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !granted(size) {
            return std::ptr::null_mut();
        }
        let grown = unsafe { System.realloc(block, layout, size) };
        if grown.is_null() {
            REFUSED.store(size, Ordering::Relaxed);
        } else if size > layout.size() {
            unsafe { grown.add(layout.size()).write_bytes(0, size - layout.size()) };
        }
        grown
    }
}
