//! Where files are not mapped: reserving addresses fails, so that nothing else here is ever called.
#![allow(unsafe_code, reason = "the same signatures as where files are mapped")]

use std::fs::File;
use std::io;

/// Bytes of a page, the unit of every mapping.
pub(super) fn page_size() -> usize {
    4096
}

/// Always an error.
pub(super) fn reserve(_len: usize) -> io::Result<*mut u8> {
    Err(io::ErrorKind::Unsupported.into())
}

/// # Safety
///
/// None is needed: it is an error.
pub(super) unsafe fn release(_start: *mut u8, _len: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Always an error.
pub(super) fn try_map(_len: usize, _file: &File, _offset: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// # Safety
///
/// None is needed: it is an error.
pub(super) unsafe fn map(_start: *mut u8, _len: usize, _file: &File, _offset: u64) -> io::Result<*mut u8> {
    Err(io::ErrorKind::Unsupported.into())
}

/// # Safety
///
/// None is needed: it is an error.
pub(super) unsafe fn clear(_start: *mut u8, _len: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
