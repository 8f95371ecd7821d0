//! Finds out whether [`MappedAlloc`](super::MappedAlloc) is the global allocator, or under it.
#![allow(unsafe_code, reason = "allocates and frees through the global allocator")]

use std::alloc::Layout;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering, compiler_fence};

use super::range;

/// Sizes that are tried: an allocator may send small and large blocks different ways.
const SIZES: [usize; 3] = [16, 1 << 12, 1 << 20];

/// The block that is about to be freed as a probe.
static PROBE: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());
static SEEN: AtomicBool = AtomicBool::new(false);

/// Whether the global allocator hands every pointer that it frees, unchanged, to [`MappedAlloc`](super::MappedAlloc).
///
/// For a moment the range of mapped files is a single byte, the first of a block of this function's own: an allocator
/// that knows of the range notices when that block is freed. Nobody else has a pointer to it, and no call that does not
/// free it costs anything. Only to be called before the range is published.
pub(super) fn is_installed() -> bool {
    SIZES.iter().all(|size| Layout::from_size_align(*size, 16).is_ok_and(notices))
}

fn notices(layout: Layout) -> bool {
    // SAFETY: the size is not zero.
    let block = black_box(unsafe { std::alloc::alloc(layout) });
    if block.is_null() {
        return false;
    }
    SEEN.store(false, Ordering::Relaxed);
    PROBE.store(block, Ordering::Relaxed);
    range::publish(block, 1);
    // The stores come before the call, and the load after it.
    compiler_fence(Ordering::SeqCst);
    // SAFETY: allocated above, with the same layout.
    unsafe { std::alloc::dealloc(black_box(block), layout) };
    compiler_fence(Ordering::SeqCst);
    range::publish(std::ptr::null_mut(), 0);
    PROBE.store(std::ptr::null_mut(), Ordering::Relaxed);
    SEEN.load(Ordering::Relaxed)
}

/// Called for a pointer that may be into the range, and is not: it can be the probe.
#[cold]
pub(super) fn notice(pointer: *mut u8) {
    if PROBE.load(Ordering::Relaxed) == pointer {
        SEEN.store(true, Ordering::Relaxed);
    }
}
