//! A reference to a candle tensor as a reference to the `Tensor<D>` that it is.
#![allow(unsafe_code, reason = "the cast that `#[repr(transparent)]` is there for")]

use crate::device::Device;
use crate::tensor::Tensor;

/// Tags a reference to a tensor that the caller knows to be on `D`.
#[inline]
pub(crate) fn cast_ref<D: Device>(tensor: &candle_core::Tensor) -> &Tensor<D> {
    // SAFETY: `Tensor<D>` is `repr(transparent)` over `candle_core::Tensor`: its other field is a `PhantomData`, which
    // has size 0 and alignment 1.
    unsafe { &*std::ptr::from_ref(tensor).cast::<Tensor<D>>() }
}
