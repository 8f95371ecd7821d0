//! The system calls that reserve addresses and map files into them.
#![allow(unsafe_code, reason = "`mmap` changes what addresses mean")]

use std::ffi::c_void;
use std::fs::File;
use std::io;

use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

/// Bytes of a page, the unit of every mapping.
pub(super) fn page_size() -> usize {
    rustix::param::page_size()
}

/// `len` addresses that nothing else gets, and that hold no memory.
pub(super) fn reserve(len: usize) -> io::Result<*mut u8> {
    // SAFETY: without `FIXED` the system chooses addresses that are not in use.
    let start = unsafe { mmap_anonymous(std::ptr::null_mut(), len, ProtFlags::empty(), nothing()) }?;
    Ok(start.cast())
}

/// Gives reserved addresses back to the system.
///
/// # Safety
///
/// The `len` addresses from `start` on are of [`reserve`], and nothing was mapped there, or is used.
pub(super) unsafe fn release(start: *mut u8, len: usize) -> io::Result<()> {
    // SAFETY: nobody uses the addresses, says the caller.
    Ok(unsafe { munmap(start.cast(), len) }?)
}

/// Whether the file can be mapped at all: maps it where the system likes, and takes it away again.
pub(super) fn try_map(len: usize, file: &File, offset: u64) -> io::Result<()> {
    // SAFETY: without `FIXED` the system chooses addresses that are not in use.
    let start = unsafe { mmap(std::ptr::null_mut(), len, access(), file_flags(), file, offset) }?;
    // SAFETY: what was just mapped, which nobody knows of.
    Ok(unsafe { munmap(start, len) }?)
}

/// Maps `len` bytes of `file` from `offset` on to the addresses from `start` on: reads see the file, writes stay in this
/// process. `offset`, `start` and `len` are whole pages.
///
/// # Safety
///
/// The addresses are of [`reserve`], and nobody uses them. After an error they may be anybody's.
pub(super) unsafe fn map(start: *mut u8, len: usize, file: &File, offset: u64) -> io::Result<*mut u8> {
    let flags = file_flags() | MapFlags::FIXED;
    // SAFETY: `FIXED` replaces what is at the addresses, which is inaccessible memory of this crate.
    let mapped = unsafe { mmap(start.cast::<c_void>(), len, access(), flags, file, offset) }?;
    Ok(mapped.cast())
}

/// Puts inaccessible memory in the place of a mapped file.
///
/// # Safety
///
/// The addresses are of [`reserve`], and nobody uses them any more.
pub(super) unsafe fn clear(start: *mut u8, len: usize) -> io::Result<()> {
    // SAFETY: what `FIXED` replaces is not used any more, says the caller.
    unsafe { mmap_anonymous(start.cast(), len, ProtFlags::empty(), nothing() | MapFlags::FIXED) }?;
    Ok(())
}

fn access() -> ProtFlags {
    ProtFlags::READ | ProtFlags::WRITE
}

/// No pages are set aside for writes: most tensors are never written.
fn file_flags() -> MapFlags {
    MapFlags::PRIVATE | MapFlags::NORESERVE
}

fn nothing() -> MapFlags {
    MapFlags::PRIVATE | MapFlags::NORESERVE
}
