//! Positional reads of a file into memory that has no contents yet.

#![allow(unsafe_code, reason = "a slice that was read to its end is initialised, which its type does not say")]

use std::fs::File;
use std::io;
use std::mem::MaybeUninit;

/// Fills `out` with the bytes of `file` at `offset`.
///
/// # Errors
///
/// The system's, or [`io::ErrorKind::UnexpectedEof`] where the file ends early.
pub(crate) fn read_exact_at<'o>(
    file: &File,
    out: &'o mut [MaybeUninit<u8>],
    mut offset: u64,
) -> io::Result<&'o mut [u8]> {
    let mut rest = &mut *out;
    while !rest.is_empty() {
        let (read, left) = match rustix::io::pread(file, &mut *rest, offset) {
            Ok((read, left)) => (read.len(), left.len()),
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        };
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let from = rest.len() - left;
        rest = &mut rest[from..];
        offset = offset.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    // SAFETY: the loop ends when each byte of `out` was written by a `pread`.
    Ok(unsafe { out.assume_init_mut() })
}
