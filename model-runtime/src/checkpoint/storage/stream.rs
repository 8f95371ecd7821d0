//! The bytes of storages and tensors on their way to a writer, a piece at a time.

use std::io::Write;
use std::ops::Range;
use std::sync::atomic::Ordering;

use super::Storage;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::record::Record;
use crate::checkpoint::replace::{BUFFER, Failure};
use crate::checkpoint::tensor::TensorInfo;

impl Storage {
    /// Writes the bytes of `range`, little-endian. What is in a file is read a piece at a time, with the checksum checked
    /// where it has one; only what is put together from chunks, or is a part of a deflated record, is in memory as a whole.
    pub(crate) fn write_to(&self, range: Range<usize>, out: &mut dyn Write) -> Result<(), Failure> {
        if let Some(data) = &self.data {
            return data.write_to(range, out).map_err(|failure| failure.map(|error| self.named(error)));
        }
        let is_whole = range == (0..self.nbytes);
        if self.assembly.is_some() || (!is_whole && self.record()?.deflated.is_some()) {
            let bytes = self.read()?;
            let past = || self.named(CheckpointError::argument("a read past the end of the storage"));
            return Ok(out.write_all(bytes.get(range).ok_or_else(past)?)?);
        }
        let record = *self.record()?;
        if is_whole {
            return self.write_record(&record, out);
        }
        self.verify()?;
        let mut piece = vec![0; range.len().min(BUFFER)];
        let mut at = range.start;
        while at < range.end {
            let piece = piece.get_mut(..range.end.saturating_sub(at).min(BUFFER)).unwrap_or_default();
            self.read_into(at, piece)?;
            out.write_all(piece)?;
            at = at.saturating_add(piece.len());
        }
        Ok(())
    }

    /// The whole of a record, whose checksum is compared when all is written.
    fn write_record(&self, record: &Record, out: &mut dyn Write) -> Result<(), Failure> {
        let mut piece = vec![0; self.nbytes.clamp(1, BUFFER)];
        let read = record.read_pieces(&self.source, &mut piece, |piece| {
            // No element is cut: a piece is a multiple of every element's size.
            self.byte_order.swap(piece);
            Ok(out.write_all(piece)?)
        });
        read.map_err(|failure: Failure| failure.map(|error| self.named(error)))?;
        self.verified.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl TensorInfo {
    /// Writes what [`read_bytes`](Self::read_bytes) returns; what is contiguous is never in memory as a whole.
    pub(crate) fn write_to(&self, out: &mut dyn Write) -> Result<(), Failure> {
        if self.nbytes() == 0 {
            return Ok(());
        }
        if !self.is_contiguous() {
            return Ok(out.write_all(&self.read_bytes()?)?);
        }
        let start = self.offset().saturating_mul(self.dtype().itemsize());
        self.storage().write_to(start..start.saturating_add(self.nbytes()), out)
    }
}
