//! A storage that is put together from chunks of a tensor, each of them in a storage of its own.

use std::ops::Range;
use std::sync::Arc;

use super::error::{CheckpointError, Result};
use super::scalar_type::ScalarType;
use super::tensor::TensorInfo;

/// Chunks that fill a tensor of this shape: whoever makes one has checked that.
#[derive(Debug)]
pub(crate) struct Assembly {
    shape: Vec<usize>,
    itemsize: usize,
    nbytes: usize,
    /// The first index of each chunk in every dimension, and the chunk.
    chunks: Vec<(Vec<usize>, Arc<TensorInfo>)>,
}

impl Assembly {
    /// `None` if the size of the whole overflows.
    pub(crate) fn new(
        dtype: ScalarType,
        shape: Vec<usize>,
        chunks: Vec<(Vec<usize>, Arc<TensorInfo>)>,
    ) -> Option<Self> {
        let itemsize = dtype.itemsize();
        let nbytes = shape.iter().try_fold(itemsize, |nbytes, dim| nbytes.checked_mul(*dim))?;
        Some(Self { shape, itemsize, nbytes, chunks })
    }

    pub(crate) fn nbytes(&self) -> usize {
        self.nbytes
    }

    /// The chunks that lie in one piece in the whole, in its order; `None` if one of them does not, or is strided itself.
    pub(crate) fn pieces(&self) -> Option<Vec<(Range<usize>, &TensorInfo)>> {
        let mut pieces = Vec::with_capacity(self.chunks.len());
        for (offsets, chunk) in &self.chunks {
            // What is before the first dimension that is cut has one element of each; what is after it is whole.
            let mut dims = chunk.shape().iter().zip(&self.shape).skip_while(|(chunk, _)| **chunk == 1).skip(1);
            if !chunk.is_contiguous() || !dims.all(|(chunk, whole)| chunk == whole) {
                return None;
            }
            let start = self.start(offsets, &[])?;
            pieces.push((start..start.checked_add(chunk.nbytes())?, &**chunk));
        }
        pieces.sort_by_key(|(range, _)| range.start);
        Some(pieces)
    }

    /// The chunk that is the whole tensor, if a single one is.
    pub(crate) fn only_chunk(&self) -> Option<&TensorInfo> {
        match self.chunks.as_slice() {
            [(offsets, chunk)] if chunk.shape() == self.shape && offsets.iter().all(|offset| *offset == 0) => {
                Some(chunk)
            }
            _ => None,
        }
    }

    /// Reads all chunks into their places.
    pub(crate) fn read(&self) -> Result<Vec<u8>> {
        let mut out = vec![0; self.nbytes];
        for (offsets, chunk) in &self.chunks {
            let outside = || CheckpointError::damaged("a chunk reaches past the end of its tensor");
            self.place(offsets, chunk, &chunk.read_bytes()?, &mut out).ok_or_else(outside)?;
        }
        Ok(out)
    }

    /// Checks the checksum of every chunk.
    pub(crate) fn verify(&self) -> Result<()> {
        self.chunks.iter().try_for_each(|(_, chunk)| chunk.storage().verify())
    }

    /// Copies a chunk row by row: a row is what lies together in the chunk and in the whole.
    fn place(&self, offsets: &[usize], chunk: &TensorInfo, bytes: &[u8], out: &mut [u8]) -> Option<()> {
        let (mut row, mut outer) = (self.itemsize, self.shape.len());
        while let Some(dim) = outer.checked_sub(1) {
            row = row.checked_mul(*chunk.shape().get(dim)?)?;
            outer = dim;
            if chunk.shape().get(dim) != self.shape.get(dim) {
                break;
            }
        }
        if row == 0 {
            return Some(());
        }
        let mut index = vec![0usize; outer];
        for bytes in bytes.chunks_exact(row) {
            let at = self.start(offsets, &index)?;
            out.get_mut(at..at.checked_add(row)?)?.copy_from_slice(bytes);
            for (index, dim) in index.iter_mut().zip(chunk.shape()).rev() {
                *index = index.checked_add(1)?;
                if *index < *dim {
                    break;
                }
                *index = 0;
            }
        }
        Some(())
    }

    /// The first byte of the row at `index` of a chunk, in the whole.
    fn start(&self, offsets: &[usize], index: &[usize]) -> Option<usize> {
        let mut at = 0usize;
        for (dim, size) in self.shape.iter().enumerate() {
            let inside = index.get(dim).copied().unwrap_or(0).checked_add(*offsets.get(dim)?)?;
            at = at.checked_mul(*size)?.checked_add(inside)?;
        }
        at.checked_mul(self.itemsize)
    }
}
