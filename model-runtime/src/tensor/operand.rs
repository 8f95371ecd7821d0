//! [`TensorOrScalar<D>`]: the right-hand side of a comparison, a maximum or a clamp.

use half::{bf16, f16};

use super::{OnDevice, on_device::Operand};
use crate::device::Compute;

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
