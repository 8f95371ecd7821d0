//! The one range of addresses that files are mapped into: reserved once, for the life of the process.
#![allow(unsafe_code, reason = "maps and unmaps parts of the range")]

use std::fs::File;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::probe;
use super::segments::{InUse, Larger, Released, Segments, Span};
use super::system;

/// Addresses that are asked for first, and the least that are worth having. Addresses cost nothing: this is an eighth
/// of a percent of what 64 bits give a process, and more than the weights that a machine holds.
const MOST: usize = if usize::BITS < 64 { 1 << 27 } else { 1 << 40 };
const LEAST: usize = 1 << 26;
/// Where the system limits addresses (`ulimit -v`, valgrind), this much more must be left for everybody else.
const SPARE: usize = 3;

/// Where the range is. `dealloc` compares every pointer with it, so that it is two words of one cache line.
#[repr(align(16))]
pub(super) struct Bounds {
    start: AtomicPtr<u8>,
    len: AtomicUsize,
}

static BOUNDS: Bounds = Bounds { start: AtomicPtr::new(std::ptr::null_mut()), len: AtomicUsize::new(0) };
static SEGMENTS: Mutex<Segments> = Mutex::new(Segments::new());
static RESERVED: OnceLock<bool> = OnceLock::new();

/// Whether `pointer` can be into the range. False is certain; what is true, [`release`] finds out.
///
/// Relaxed loads are enough. A thread that got a mapped pointer got it after the range was published, by whatever
/// brought it the pointer, and then sees the bounds, which never change again. A thread that sees only one of the two
/// new values can take another pointer for one into the range: [`release`] knows better.
#[inline]
pub(super) fn may_hold(pointer: *mut u8) -> bool {
    pointer.addr().wrapping_sub(BOUNDS.start.load(Ordering::Relaxed).addr()) < BOUNDS.len.load(Ordering::Relaxed)
}

/// Says what [`may_hold`] answers true to.
pub(super) fn publish(start: *mut u8, len: usize) {
    BOUNDS.start.store(start, Ordering::Relaxed);
    BOUNDS.len.store(len, Ordering::Relaxed);
}

/// Whether there is a range, which is reserved at the first call, and an allocator that knows of it.
pub(super) fn is_reserved() -> bool {
    *RESERVED.get_or_init(|| probe::is_installed() && reserve())
}

fn reserve() -> bool {
    let mut len = MOST;
    while len >= LEAST {
        if let Some(start) = reserve_with_spare(len) {
            enlarge_list();
            lock().add(Span { start: start.addr(), len });
            publish(start, len);
            return true;
        }
        len >>= 2;
    }
    false
}

/// `len` addresses, if there are that many times [`SPARE`] more.
fn reserve_with_spare(len: usize) -> Option<*mut u8> {
    let spare = len.checked_mul(SPARE)?;
    let start = system::reserve(len.checked_add(spare)?).ok()?;
    // SAFETY: the end of what was just reserved, which nobody knows of.
    unsafe { system::release(start.wrapping_add(len), spare) }.ok()?;
    Some(start)
}

/// Maps `len` bytes of `file` from `offset` on, with one holder; `None` if that is not possible. Both are whole pages.
pub(super) fn map(file: &File, offset: u64, len: usize) -> Option<*mut u8> {
    if !is_reserved() {
        return None;
    }
    clear_stale();
    // A file system that refuses must do so before it is about addresses of the range.
    system::try_map(len, file, offset).ok()?;
    let span = hold(len)?;
    // SAFETY: these addresses of the range were free, and are this call's alone since `hold`.
    let mapped = unsafe { system::map(pointer(span), len, file, offset) };
    if mapped.is_err() {
        // The system may have taken away what was there before, and given the addresses to another thread since: they
        // must never be mapped or cleared again. Blocks of `inner` that come to lie there are told apart as all others.
        lock().lose(span);
    }
    mapped.ok()
}

/// Takes addresses of the range, with one holder; `None` if there are not as many that lie together.
fn hold(len: usize) -> Option<Span> {
    loop {
        enlarge_list();
        let mut segments = lock();
        // Another thread may have taken the room that was just made.
        if segments.needs_room().is_none() {
            return segments.hold(len);
        }
    }
}

/// Adds a holder of the mapping that `pointer` is into.
pub(super) fn share(pointer: *mut u8) -> bool {
    lock().share(pointer.addr())
}

/// Whether `pointer` is into a mapping.
pub(super) fn is_mapped(pointer: *mut u8) -> bool {
    lock().is_held(pointer.addr())
}

/// Takes a holder from the mapping that `pointer` is into, and unmaps it after the last; false if it is into none.
pub(super) fn release(pointer: *mut u8) -> bool {
    // The lock is held for the lookup alone: unmapping a large file takes a while.
    let released = lock().release(pointer.addr());
    match released {
        Released::Unknown => false,
        Released::Held => true,
        Released::Last(span) => {
            clear(span);
            true
        }
    }
}

/// How much is mapped.
pub(super) fn in_use() -> InUse {
    lock().in_use()
}

/// Unmaps a part that nobody uses. Only then are its addresses free.
fn clear(span: Span) {
    // SAFETY: the part has no holder left, and is this call's alone until it is given back.
    let cleared = unsafe { system::clear(pointer(span), span.len) };
    let mut segments = lock();
    match cleared {
        Ok(()) => segments.give_back(span),
        // At the limit of mappings (`vm.max_map_count`) the system refuses even this.
        Err(_) => segments.keep_stale(span),
    }
}

/// Tries again what the system refused.
fn clear_stale() {
    let stale = lock().retry();
    if let Some(span) = stale {
        clear(span);
    }
}

/// Makes room in the list, outside of the lock: allocating calls the allocator that takes it.
fn enlarge_list() {
    loop {
        let needed = lock().needs_room();
        let Some(len) = needed else { return };
        let larger = Larger::new(len);
        let left = lock().enlarge(larger);
        drop(left);
    }
}

/// The first byte of a part, as a pointer into the range.
fn pointer(span: Span) -> *mut u8 {
    BOUNDS.start.load(Ordering::Relaxed).with_addr(span.start)
}

/// No code that can panic runs under the lock, and none that allocates.
fn lock() -> MutexGuard<'static, Segments> {
    SEGMENTS.lock().unwrap_or_else(PoisonError::into_inner)
}
