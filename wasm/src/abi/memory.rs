//! An allocator that refuses what is too large.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The largest block ever granted, so that an archive cannot ask for the whole address space.
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Size of the block last refused, or 0: tells running out of memory from other traps.
static REFUSED: AtomicUsize = AtomicUsize::new(0);

/// Sets the largest block granted from now on, in bytes.
pub(super) fn set_limit(bytes: usize) {
    LIMIT.store(bytes, Ordering::Relaxed);
}

/// Where the size of the last refused block is kept.
pub(super) fn refused() -> &'static AtomicUsize {
    &REFUSED
}

fn granted(size: usize) -> bool {
    let granted = size <= LIMIT.load(Ordering::Relaxed);
    if !granted {
        REFUSED.store(size, Ordering::Relaxed);
    }
    granted
}

fn noted(block: *mut u8, size: usize) -> *mut u8 {
    if block.is_null() {
        REFUSED.store(size, Ordering::Relaxed);
    }
    block
}

/// An allocator, within the limit that loading an archive sets.
pub struct Limited<A>(pub A);

// Allocators are unsafe by nature; each call goes to the inner one with the same layout.
#[allow(unsafe_code)]
unsafe impl<A: GlobalAlloc> GlobalAlloc for Limited<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !granted(layout.size()) {
            return std::ptr::null_mut();
        }
        noted(unsafe { self.0.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !granted(layout.size()) {
            return std::ptr::null_mut();
        }
        noted(unsafe { self.0.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { self.0.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !granted(size) {
            return std::ptr::null_mut();
        }
        noted(unsafe { self.0.realloc(block, layout, size) }, size)
    }
}
