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
    label = "not a tensor on `{D}`",
    note = "move it first: `let y = y.to(x.device())?`, where `x` is the other side; `to` leaves the old `y` where it is",
    note = "or make it there: `x.zeros_like()?`, or `Tensor::arange(0u32, n, x.device())?`",
    note = "what is no tensor of this crate yet: a `Result` needs a `?`, a candle tensor `Tensor::try_from_candle(t)?`, \
            and a number an operator: `x + 1.0`"
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

/// A tensor on the device `D`, or none: `Some(&mask)` or `None`; of a [`Buffer`] `Some(self.mask.tensor())`.
#[diagnostic::on_unimplemented(
    message = "this is a `{Self}`, which is not a reference to a tensor on `{D}` in `Some`",
    label = "neither a reference to a tensor on `{D}` in `Some`, nor `None`",
    note = "the tensor of a `Param` or a `Buffer` is its `tensor()`: `Some(self.mask.tensor())`",
    note = "move it first: `let y = y.to(x.device())?`, where `x` is the other side; `to` leaves the old `y` where it is",
    note = "or make it there: `x.zeros_like()?`, or `Tensor::arange(0u32, n, x.device())?`"
)]
pub trait OptionalOnDevice<D: Compute>: OptionalOperand {}

/// Keeps the trait to `Option`, and its method out of scope.
pub(crate) mod optional {
    pub trait OptionalOperand {
        fn optional_operand(&self) -> Option<&candle_core::Tensor>;
    }
}

pub(crate) use optional::OptionalOperand;

impl<D: Compute> OptionalOperand for Option<&Tensor<D>> {
    #[inline]
    fn optional_operand(&self) -> Option<&candle_core::Tensor> {
        self.map(Tensor::as_candle)
    }
}

/// Of all devices `E` and not only of `D`, so that it is the bound that fails, with the text above: the only impl would
/// be taken for the expected type. `None` is of `D`, since no other tensor is on it; with an impl for `Option<&Buffer<D>>`
/// too, a plain `None` would have no type.
impl<D: Compute, E: Compute> OptionalOnDevice<D> for Option<&Tensor<E>> where Tensor<E>: OnDevice<D> {}
