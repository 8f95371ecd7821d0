//! [`MappedAlloc`]: an allocator that can free what lies over a mapped file.
#![allow(unsafe_code, reason = "an allocator")]

use std::alloc::{GlobalAlloc, Layout, System};

use super::{probe, range};

/// A global allocator with which tensors can lie over the file that they are loaded from, instead of being copied.
///
/// candle keeps the elements of a CPU tensor in a `Vec`, and a `Vec` is freed by the global allocator: only that can see
/// to it that a tensor over a mapped file is unmapped and not freed. Put this around the allocator that the program has,
/// in its main file:
///
/// ```
/// use std::alloc::System;
///
/// use model_runtime::memory::{self, MappedAlloc};
/// use model_runtime::prelude::*;
///
/// #[global_allocator]
/// static ALLOC: MappedAlloc<System> = MappedAlloc::new(System);
///
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/digits/digits.pt");
/// // SAFETY: nobody truncates or overwrites the file while the tensors are alive.
/// let checkpoint = unsafe { Checkpoint::map(path)? };
/// let weight = checkpoint.state_dict()?.get("head.1.weight").expect("a weight").read()?;
/// assert_eq!(memory::mapped().tensors, usize::from(memory::can_map()));
/// drop(weight);
/// assert_eq!(memory::mapped().tensors, 0);
/// # Ok::<(), model_runtime::Error>(())
/// ```
///
/// Everything else goes to `inner` as it is. It costs a comparison of the pointer for each block that is freed or
/// resized, and nothing for one that is allocated. On Linux and other Unix systems the first mapped load reserves a
/// range of addresses, up to 1 TiB: that is address space, which programs like `top` count as `VIRT`, and no memory. On
/// other systems nothing is ever mapped.
///
/// An allocator that wraps this one must hand it every pointer unchanged, to `dealloc` and to `realloc`. The first mapped
/// load frees three blocks, of 16 bytes, 4 KiB and 1 MiB: an allocator that does not hand on one of these, for example
/// because it puts a header before each block, is found out, and files are read instead (see
/// [`can_map`](super::can_map)). One that changes only larger blocks, or only what is resized, is not.
#[derive(Clone, Copy, Debug, Default)]
pub struct MappedAlloc<A = System> {
    inner: A,
}

impl<A> MappedAlloc<A> {
    /// Wraps the allocator that all other memory comes from.
    pub const fn new(inner: A) -> Self {
        Self { inner }
    }
}

// SAFETY: a block is either `inner`'s, and then every call with it goes there with the same arguments, or a part of a
// mapped file. Those come from `Mapping::take` alone, whose pointers stay valid and belong to nobody else until they come
// back here: `range::release` recognises them for certain, whatever `may_hold` says of others. Nothing here unwinds.
unsafe impl<A: GlobalAlloc> GlobalAlloc for MappedAlloc<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { self.inner.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { self.inner.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if range::may_hold(block) {
            // The last call of this branch, so that the other one needs no stack frame.
            // SAFETY: the caller keeps the contract of `dealloc`.
            return unsafe { self.let_go(block, layout) };
        }
        // SAFETY: the caller keeps the contract of `dealloc`, and the block is no part of a file, so that it is of `inner`.
        unsafe { self.inner.dealloc(block, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if range::may_hold(block) {
            // SAFETY: the caller keeps the contract of `realloc`.
            return unsafe { self.moved(block, layout, new_size) };
        }
        // SAFETY: the caller keeps the contract of `realloc`, and the block is no part of a file, so that it is of `inner`.
        unsafe { self.inner.realloc(block, layout, new_size) }
    }
}

impl<A: GlobalAlloc> MappedAlloc<A> {
    /// Lets go of a part of a mapped file, or frees a block that only may be one.
    ///
    /// # Safety
    ///
    /// As for `dealloc`.
    #[cold]
    #[inline(never)]
    unsafe fn let_go(&self, block: *mut u8, layout: Layout) {
        if !range::release(block) {
            probe::notice(block);
            // SAFETY: the caller keeps the contract of `dealloc`, and the block is no part of a file.
            unsafe { self.inner.dealloc(block, layout) }
        }
    }

    /// Copies a part of a mapped file to a block of `inner`, or resizes a block that only may be one.
    ///
    /// # Safety
    ///
    /// As for `realloc`.
    #[cold]
    #[inline(never)]
    unsafe fn moved(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if !range::is_mapped(block) {
            // SAFETY: the caller keeps the contract of `realloc`, and the block is no part of a file.
            return unsafe { self.inner.realloc(block, layout, new_size) };
        }
        // SAFETY: `realloc` requires that the new size is not zero and fits the alignment.
        let new = unsafe { self.inner.alloc(Layout::from_size_align_unchecked(new_size, layout.align())) };
        if !new.is_null() {
            // SAFETY: the old block has `layout.size()` bytes, the new one `new_size`, and no byte is of both.
            unsafe { new.copy_from_nonoverlapping(block, layout.size().min(new_size)) };
            range::release(block);
        }
        new
    }
}
