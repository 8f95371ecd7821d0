//! A writer that counts what goes through it and shows it, for a checksum.

use std::io::{self, Write};

use super::error::CheckpointError;
use super::replace::{BUFFER, Failure};

/// Hands on everything, a piece at a time: what `seen` has just looked at is still in the cache when it is written.
pub(super) struct Counted<'a, F> {
    out: &'a mut dyn Write,
    seen: F,
    written: usize,
}

impl<'a, F: FnMut(&[u8])> Counted<'a, F> {
    pub(super) fn new(out: &'a mut dyn Write, seen: F) -> Self {
        Self { out, seen, written: 0 }
    }

    /// Checks that as many bytes were written as the headers in front of them say.
    pub(super) fn finish(self, expected: usize) -> Result<(), Failure> {
        if self.written == expected {
            return Ok(());
        }
        let error = CheckpointError::damaged("the tensor changed while it was saved");
        Err(error.expected(format_args!("{expected} bytes")).got(self.written).into())
    }
}

impl<F: FnMut(&[u8])> Write for Counted<'_, F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = bytes.get(..BUFFER).unwrap_or(bytes);
        (self.seen)(piece);
        self.out.write_all(piece)?;
        self.written = self.written.saturating_add(piece.len());
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
