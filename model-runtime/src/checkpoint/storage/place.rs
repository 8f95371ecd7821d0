//! Where the bytes of a storage lie as they are, in a file that may be mapped.

use std::fs::File;

use super::Storage;
use crate::checkpoint::tensor::TensorInfo;
use crate::memory::Promise;

/// A place in a file whose bytes are little-endian elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'f> {
    pub(crate) file: &'f File,
    pub(crate) promise: Promise,
    pub(crate) start: u64,
}

impl Storage {
    /// `None` for one that must be read: deflated, of a big-endian machine, put together from several chunks, in memory,
    /// behind a reader, or in a file that was not opened to be mapped.
    pub(crate) fn place(&self) -> Option<Place<'_>> {
        if let Some(data) = &self.data {
            return data.place();
        }
        if let Some(assembly) = &self.assembly {
            return assembly.only_chunk()?.place();
        }
        let record = self.record.get().filter(|record| record.deflated.is_none())?;
        if self.byte_order.width() != 1 || cfg!(target_endian = "big") {
            return None;
        }
        let (file, promise, start) = self.source.mappable(record.start)?;
        Some(Place { file, promise, start })
    }
}

impl TensorInfo {
    /// The place of the first element, for a tensor whose elements lie there one after the other.
    pub(crate) fn place(&self) -> Option<Place<'_>> {
        let start = u64::try_from(self.offset().checked_mul(self.dtype().itemsize())?).ok()?;
        let place = self.storage().place().filter(|_| self.is_contiguous() && self.nbytes() > 0)?;
        Some(Place { start: place.start.checked_add(start)?, ..place })
    }
}
