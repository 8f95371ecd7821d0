//! The tags, and the non-generic [`Tag`] that all generic code reduces them to.

use std::fmt;

use super::{AnyDevice, Compute, Device, DeviceError, Slot, handle};

/// Declared, without data: PyTorch's `meta` device.
///
/// A model starts here: `Net::<Meta>::new()` knows names, shapes and dtypes and allocates nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Meta;

/// The processor and its memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cpu;

/// The CUDA device with ordinal `N`: `Cuda<0>` is PyTorch's `cuda:0`.
///
/// Needs the feature `cuda`. The ordinal has no default, so that every error message says which device it means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cuda<const N: usize>;

/// The Metal device with ordinal `N`: `Metal<0>` is PyTorch's `mps`.
///
/// Needs the feature `metal`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Metal<const N: usize>;

impl Device for Meta {
    fn __tag() -> Tag {
        Tag::Meta
    }
}

impl Device for Cpu {
    fn __tag() -> Tag {
        Tag::Fixed(AnyDevice::Cpu)
    }
}

impl<const N: usize> Device for Cuda<N> {
    fn __tag() -> Tag {
        Tag::Fixed(AnyDevice::Cuda(N))
    }
}

impl<const N: usize> Device for Metal<N> {
    fn __tag() -> Tag {
        Tag::Fixed(AnyDevice::Metal(N))
    }
}

impl Compute for Cpu {}
impl<const N: usize> Compute for Cuda<N> {}
impl<const N: usize> Compute for Metal<N> {}

/// A device type as a value. Everything that is not a thin generic wrapper works on this.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub enum Tag {
    /// No data.
    Meta,
    /// Known when the program was compiled.
    Fixed(AnyDevice),
    /// Bound once per process.
    Slot(&'static Slot),
}

impl Tag {
    /// The device behind the tag, `None` for `Meta`.
    ///
    /// # Errors
    ///
    /// A slot that cannot be bound: see [`Slot::get`].
    pub(crate) fn device(self) -> Result<Option<AnyDevice>, DeviceError> {
        match self {
            Self::Meta => Ok(None),
            Self::Fixed(device) => Ok(Some(device)),
            Self::Slot(slot) => slot.get().map(Some),
        }
    }

    /// The one candle handle of the device, `None` for `Meta`.
    ///
    /// # Errors
    ///
    /// The device is not available: see [`DeviceError`].
    pub(crate) fn handle(self) -> Result<Option<candle_core::Device>, DeviceError> {
        self.device()?.map(handle::of).transpose()
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Meta => f.write_str("meta"),
            Self::Fixed(device) => device.fmt(f),
            Self::Slot(slot) => slot.fmt(f),
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The candle handle of a device type that holds data.
pub(crate) fn handle_of<D: Compute>() -> Result<candle_core::Device, DeviceError> {
    match D::__tag().device()? {
        Some(device) => handle::of(device),
        None => Err(DeviceError::NoData),
    }
}
