//! [`TensorOrScalar<D>`]: the right-hand side of a comparison, a maximum or a clamp; [`RightHandSide<D>`] and
//! [`LeftHandSide<D>`]: what stands beside a tensor in `+`, `-`, `*` and `/`.

use half::{bf16, f16};

use super::{OnDevice, Tensor, on_device::Operand};
use crate::device::Compute;
use crate::error::Result;

/// A reference to a tensor on `D`, or a number.
///
/// A number is converted to the dtype of the tensor that it meets, and stands for a tensor full of it.
#[diagnostic::on_unimplemented(
    message = "this operand is a `{Self}`, but the other side of the operation is on `{D}`",
    label = "neither a reference to a tensor on `{D}` nor a number",
    note = "move it first: `let y = y.to(x.device())?`, where `x` is the other side; `to` leaves the old `y` where it is",
    note = "or make it there: `x.zeros_like()?`, or `Tensor::arange(0u32, n, x.device())?`"
)]
pub trait TensorOrScalar<D: Compute>: Value {}

/// Keeps the conversion to candle's trait of the same name out of scope.
mod sealed {
    pub trait Value {
        fn value(self) -> impl candle_core::scalar::TensorOrScalar;
    }
}

use sealed::Value;

impl<T: Operand + ?Sized> Value for &T {
    #[inline]
    fn value(self) -> impl candle_core::scalar::TensorOrScalar {
        self.operand()
    }
}

impl<D: Compute, T: OnDevice<D> + ?Sized> TensorOrScalar<D> for &T {}

macro_rules! scalar {
    ($($number:ty)*) => {$(
        impl Value for $number {
            #[inline]
            fn value(self) -> impl candle_core::scalar::TensorOrScalar {
                self
            }
        }

        impl<D: Compute> TensorOrScalar<D> for $number {}
    )*};
}

scalar!(u8 u32 i16 i32 i64 f16 bf16 f32 f64);

/// A tensor on `D` by value or by reference, a `Result` of one, or an `f64`: what stands on the right of an operator.
#[diagnostic::on_unimplemented(
    message = "this side of the operation is a `{Self}`, but the other side is a tensor on `{D}`",
    label = "neither a tensor on `{D}` nor an `f64`",
    note = "move a tensor first: `let y = y.to(x.device())?`, where `x` is the other side; `to` leaves the old `y` where it is",
    note = "or make it there: `x.zeros_like()?`, or `Tensor::arange(0u32, n, x.device())?`",
    note = "a number is an `f64`, whatever the dtype of the tensor: `x * 0.5`, `x + 1.0`, `x / n as f64`; \
            a candle tensor becomes one of this crate by `Tensor::try_from_candle(t)?`"
)]
pub trait RightHandSide<D: Compute>: sides::Side {}

/// A number on the left of an operator: an `f64`.
#[diagnostic::on_unimplemented(
    message = "this side of the operation is an `{Self}`, but the other side is a tensor on `{D}`",
    label = "the number on the left is no `f64`",
    note = "a number is an `f64`, whatever the dtype of the tensor: `1.0 - x`, `n as f64 * x`, `f64::from(scale) * x`"
)]
pub trait LeftHandSide<D: Compute> {}

impl<D: Compute> LeftHandSide<D> for f64 {}

impl<D: Compute> RightHandSide<D> for f64 {}
// Of all devices `E`, so that it is the bound that fails, with the text of `OnDevice`.
impl<D: Compute, E: Compute> RightHandSide<D> for Tensor<E> where Tensor<E>: OnDevice<D> {}
impl<D: Compute, T: OnDevice<D>> RightHandSide<D> for &T {}
impl<D: Compute, T: OnDevice<D>> RightHandSide<D> for Result<T> {}

/// Keeps the traits to the types above, and the method out of scope.
pub(super) mod sides {
    use candle_core::Tensor as Candle;

    use crate::error::Result;
    use crate::tensor::{Tensor, on_device::Operand};

    pub trait Side {
        /// The operation with `lhs`: the one on tensors, or the one on numbers.
        fn meet(
            self,
            lhs: &Candle,
            tensors: impl FnOnce(&Candle, &Candle) -> candle_core::Result<Candle>,
            number: impl FnOnce(&Candle, f64) -> candle_core::Result<Candle>,
        ) -> Result<Candle>;
    }

    macro_rules! side {
        ($([$($generics:tt)*] $side:ty, $self:ident => $operand:expr;)*) => {$(
            impl<$($generics)*> Side for $side {
                #[inline]
                fn meet(
                    $self,
                    lhs: &Candle,
                    tensors: impl FnOnce(&Candle, &Candle) -> candle_core::Result<Candle>,
                    _: impl FnOnce(&Candle, f64) -> candle_core::Result<Candle>,
                ) -> Result<Candle> {
                    Ok(tensors(lhs, $operand)?)
                }
            }
        )*};
    }

    side! {
        [D: crate::device::Compute] Tensor<D>, self => self.operand();
        [T: Operand] &T, self => self.operand();
        [T: Operand] Result<T>, self => self?.operand();
    }

    impl Side for f64 {
        #[inline]
        fn meet(
            self,
            lhs: &Candle,
            _: impl FnOnce(&Candle, &Candle) -> candle_core::Result<Candle>,
            number: impl FnOnce(&Candle, f64) -> candle_core::Result<Candle>,
        ) -> Result<Candle> {
            Ok(number(lhs, self)?)
        }
    }
}
