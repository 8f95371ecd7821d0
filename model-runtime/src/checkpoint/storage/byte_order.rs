//! The order of bytes in a storage of a big-endian machine.

use std::sync::OnceLock;

use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::scalar_type::{ScalarType, StorageClass};

/// How many bytes of a storage are reversed together; one for a little-endian file.
///
/// A storage of plain bytes does not say, so its first tensor does. (PyTorch 2.15 leaves such bytes as they are and
/// reads other numbers than were saved.)
#[derive(Debug)]
pub(super) struct ByteOrder {
    /// Whether the tensors say it.
    is_open: bool,
    width: OnceLock<usize>,
}

impl ByteOrder {
    pub(super) fn new(big_endian: bool, class: StorageClass) -> Self {
        let width = match class {
            StorageClass::Typed(dtype) if big_endian => Some(dtype.swap_width()),
            StorageClass::Untyped if big_endian => None,
            _ => Some(1),
        };
        Self { is_open: width.is_none(), width: width.map_or_else(OnceLock::new, OnceLock::from) }
    }

    /// Says that a tensor of `dtype` views the storage. The tensors of a storage of plain bytes must agree: bytes that
    /// are swapped for one would be wrong for the other.
    pub(super) fn view_as(&self, dtype: ScalarType) -> Result<()> {
        let width = dtype.swap_width();
        let known = *self.width.get_or_init(|| width);
        if !self.is_open || known == width {
            return Ok(());
        }
        let error = CheckpointError::unsupported("two tensors of a big-endian file share a storage of plain bytes");
        Err(error
            .expected(format_args!("numbers of {known} bytes"))
            .got(format_args!("{dtype}"))
            .fix("clone one of them before it is saved"))
    }

    pub(super) fn width(&self) -> usize {
        self.width.get().copied().unwrap_or(1)
    }

    /// Makes bytes of the file little-endian.
    pub(super) fn swap(&self, bytes: &mut [u8]) {
        let width = self.width();
        if width > 1 {
            bytes.chunks_exact_mut(width).for_each(<[u8]>::reverse);
        }
    }
}
