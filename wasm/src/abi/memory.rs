//! An allocator with a limit on the size of a block.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The largest block to allocate, so that an archive cannot take the whole address space.
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Size of the last block that was refused, or 0. Tells lack of memory from other traps.
static REFUSED: AtomicUsize = AtomicUsize::new(0);

/// Sets the largest block to allocate, in bytes.
pub(super) fn set_limit(bytes: usize) {
    LIMIT.store(bytes, Ordering::Relaxed);
}

/// The size of the last block that was refused.
pub(super) fn refused() -> &'static AtomicUsize {
    &REFUSED
}

fn is_allowed(size: usize) -> bool {
    let allowed = size <= LIMIT.load(Ordering::Relaxed);
    if !allowed {
        REFUSED.store(size, Ordering::Relaxed);
    }
    allowed
}

fn record_failure(block: *mut u8, size: usize) -> *mut u8 {
    if block.is_null() {
        REFUSED.store(size, Ordering::Relaxed);
    }
    block
}

/// An allocator with the limit that `load_model` sets.
pub struct Limited<A>(pub A);

// `GlobalAlloc` is unsafe to implement; each call passes its layout on to the inner allocator.
#[allow(unsafe_code)]
unsafe impl<A: GlobalAlloc> GlobalAlloc for Limited<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !is_allowed(layout.size()) {
            return std::ptr::null_mut();
        }
        record_failure(unsafe { self.0.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !is_allowed(layout.size()) {
            return std::ptr::null_mut();
        }
        record_failure(unsafe { self.0.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { self.0.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !is_allowed(size) {
            return std::ptr::null_mut();
        }
        record_failure(unsafe { self.0.realloc(block, layout, size) }, size)
    }
}
