//! [`Lane`]: the way to the memory of another device, as far as reading has to know it.

use candle_core::DType;

use crate::error::Result;
use crate::memory::Part;

/// The way to a device.
pub(super) trait Lane: Sync {
    type Buffer: Buffer<Memory = Self::Memory>;
    /// The memory of a tensor there, without contents at first.
    type Memory: Sync;

    /// Memory for so many elements.
    ///
    /// # Errors
    ///
    /// There is no room, or the device lacks the dtype.
    fn allocate(&self, dtype: DType, elements: usize) -> Result<Self::Memory>;

    /// A buffer of so many bytes.
    ///
    /// # Errors
    ///
    /// There is no room.
    fn buffer(&self, nbytes: usize) -> Result<Self::Buffer>;

    /// Waits until all copies are complete.
    ///
    /// # Errors
    ///
    /// A copy failed.
    fn finish(&self) -> Result<()>;
}

/// Memory of the host that copies start from. It may be dropped at any time: whoever implements it waits.
pub(super) trait Buffer: Send {
    type Memory;

    /// Whether no copy from it is on its way. It may also become so without any call.
    fn is_free(&self) -> bool;

    /// Waits until no copy from it is on its way, and hands out parts of these lengths, which are its new contents.
    ///
    /// # Errors
    ///
    /// A copy from it failed, or the parts are too long.
    fn parts(&mut self, lens: &[usize]) -> Result<Vec<Part<'_>>>;

    /// Starts to copy each part that was filled to its target (the memory, and the byte in it), if it has one. A part that
    /// was not filled is left out.
    ///
    /// # Errors
    ///
    /// A copy cannot be started.
    fn send(&mut self, targets: &[Option<(&Self::Memory, usize)>]) -> Result<()>;
}

#[cfg(test)]
pub(super) mod fake;
