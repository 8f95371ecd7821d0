//! [`OnDevice`]: what can be an operand beside a tensor on `D`.

use super::Tensor;
use crate::device::Compute;
use crate::module::{Buffer, Param};

/// A tensor on the device `D`: a [`Tensor`], a [`Param`] or a [`Buffer`].
///
/// Operations take `&impl OnDevice<D>` where candle takes `&Tensor`, so that a tensor on another device is refused with
/// a text that says what to write.
#[diagnostic::on_unimplemented(
    message = "this tensor is a `{Self}`, but the other side of the operation is on `{D}`",
    label = "not on `{D}`",
    note = "move it first: `x.to(device)?` returns a new tensor on `device` and leaves `x` where it is"
)]
pub trait OnDevice<D: Compute>: Operand {}

/// Keeps the trait to types whose device is certain, and its method out of scope.
pub(crate) mod sealed {
    pub trait Operand {
        fn operand(&self) -> &candle_core::Tensor;
    }
}

pub(crate) use sealed::Operand;

impl<D: Compute> Operand for Tensor<D> {
    #[inline]
    fn operand(&self) -> &candle_core::Tensor {
        self.as_candle()
    }
}

impl<D: Compute> Operand for Param<D> {
    #[inline]
    fn operand(&self) -> &candle_core::Tensor {
        self.as_candle()
    }
}

impl<D: Compute> Operand for Buffer<D> {
    #[inline]
    fn operand(&self) -> &candle_core::Tensor {
        self.as_candle()
    }
}

impl<T: Operand> Operand for &T {
    #[inline]
    fn operand(&self) -> &candle_core::Tensor {
        (**self).operand()
    }
}

impl<D: Compute> OnDevice<D> for Tensor<D> {}
impl<D: Compute> OnDevice<D> for Param<D> {}
impl<D: Compute> OnDevice<D> for Buffer<D> {}

/// So that lists can be of tensors or of references: `Tensor::cat(&[&a, &b], 0)`.
#[diagnostic::do_not_recommend]
impl<D: Compute, T: OnDevice<D>> OnDevice<D> for &T {}
