//! The bytes of storages and tensors on their way to a writer, a piece at a time.

use std::io::Write;
use std::ops::Range;
use std::sync::atomic::Ordering;

use super::Storage;
use crate::checkpoint::assembly::Assembly;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::gather;
use crate::checkpoint::replace::{BUFFER, Failure};
use crate::checkpoint::tensor::TensorInfo;

impl Storage {
    /// Writes the bytes of `range`, little-endian. What is in a file is read a piece at a time, with the checksum checked
    /// where it has one; only what lies in rows in its chunks, or is a part of a deflated record, is in memory as a whole.
    pub(crate) fn write_to(&self, range: Range<usize>, out: &mut dyn Write) -> Result<(), Failure> {
        let named = |failure: Failure| failure.map(|error| self.named(error));
        if let Some(data) = &self.data {
            return data.write_to(range, out).map_err(named);
        }
        let is_whole = range == (0..self.nbytes);
        if let Some(pieces) = self.assembly.as_ref().filter(|_| is_whole).and_then(Assembly::pieces) {
            return pieces.iter().try_for_each(|(_, chunk)| chunk.write_to(out)).map_err(named);
        }
        if self.assembly.is_some() || (!is_whole && self.record()?.deflated.is_some()) {
            let bytes = self.read()?;
            let past = || self.named(CheckpointError::argument("a read past the end of the storage"));
            return Ok(out.write_all(bytes.get(range).ok_or_else(past)?)?);
        }
        if is_whole {
            return self.write_record(out).map_err(named);
        }
        self.write_part(range, out)
    }

    /// A part of a record, whose checksum is compared before.
    fn write_part(&self, range: Range<usize>, out: &mut dyn Write) -> Result<(), Failure> {
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
    fn write_record(&self, out: &mut dyn Write) -> Result<(), Failure> {
        let mut piece = vec![0; self.nbytes.clamp(1, BUFFER)];
        self.record()?.read_pieces(&self.source, &mut piece, |piece| {
            // No element is cut: a piece is a multiple of every element's size.
            self.byte_order.swap(piece);
            Ok::<_, Failure>(out.write_all(piece)?)
        })?;
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
        if self.is_contiguous() {
            return self.storage().write_to(self.byte_range(), out);
        }
        self.check_expansion()?;
        let mut window = Vec::with_capacity(self.byte_range().len());
        self.storage().write_to(self.byte_range(), &mut window)?;
        self.write_rows(&window, out)
    }

    /// Writes the elements in row-major order, collected in pieces.
    fn write_rows(&self, window: &[u8], out: &mut dyn Write) -> Result<(), Failure> {
        let (mut rows, mut written) = (Vec::with_capacity(BUFFER), Ok(()));
        let gathered =
            gather::blocks(window, self.dtype().itemsize(), self.shape(), self.strides(), &mut rows, |rows| {
                if rows.len() >= BUFFER {
                    written = out.write_all(rows);
                    rows.clear();
                }
                written.is_ok().then_some(())
            });
        written?;
        gathered.ok_or_else(|| CheckpointError::damaged("the tensor reaches past the end of its storage"))?;
        Ok(out.write_all(&rows)?)
    }
}
