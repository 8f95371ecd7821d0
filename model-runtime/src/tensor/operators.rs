//! `+`, `-`, `*`, `/` and unary `-`, with candle's shape: the result is a `Result<Tensor<D>>`.
//!
//! Operands are tensors, parameters and buffers, by value or by reference, and numbers (`f64`). Two tensors must have
//! one shape: stretching has a name, as in [`broadcast_add`](Tensor::broadcast_add). A `Result` can stand on either
//! side, so that a chain needs `?` only at its end.
//!
//! ```
//! use model_runtime::prelude::*;
//!
//! let x = Tensor::new(&[1f32, 2.0], Cpu)?;
//! let y = (1.0 - &x)?;
//! assert_eq!((&x * &x + &y)?.to_vec1::<f32>()?, [1.0, 3.0]);
//! # Ok::<(), model_runtime::Error>(())
//! ```

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::operand::{LeftHandSide, RightHandSide};
use super::{OnDevice, Tensor, on_device::Operand};
use crate::device::Compute;
use crate::error::Result;
use crate::module::{Buffer, Param};

/// One operator, for one kind of left-hand side. One impl for all right-hand sides, so that what is none is refused in
/// the words of [`RightHandSide`].
macro_rules! with_lhs {
    ($op:ident::$name:ident, $lhs:ty, $scalar:expr) => {
        impl<D: Compute, R: RightHandSide<D>> $op<R> for $lhs {
            type Output = Result<Tensor<D>>;

            #[inline]
            fn $name(self, rhs: R) -> Result<Tensor<D>> {
                Ok(Tensor::wrap(rhs.meet(self.operand(), Candle::$name, $scalar)?))
            }
        }
    };
}

/// One operator with a result on its left, for one kind of right-hand side.
macro_rules! with_result {
    ($op:ident::$name:ident, $rhs:ty, $tensor:ty) => {
        impl<D: Compute, E: Compute> $op<$rhs> for Result<Tensor<D>>
        where
            $tensor: OnDevice<D>,
        {
            type Output = Self;

            #[inline]
            fn $name(self, rhs: $rhs) -> Self {
                Ok(Tensor::wrap(self?.operand().$name(rhs.operand())?))
            }
        }
    };
}

/// One operator, for all operands.
macro_rules! operator {
    ($op:ident::$name:ident, $scalar:expr, $reverse:expr) => {
        with_lhs!($op::$name, Tensor<D>, $scalar);
        with_lhs!($op::$name, &Tensor<D>, $scalar);
        with_lhs!($op::$name, &Param<D>, $scalar);
        with_lhs!($op::$name, &Buffer<D>, $scalar);

        with_result!($op::$name, Tensor<E>, Tensor<E>);
        with_result!($op::$name, &Tensor<E>, Tensor<E>);
        with_result!($op::$name, &Param<E>, Param<E>);
        with_result!($op::$name, &Buffer<E>, Buffer<E>);

        with_number!($op::$name, Tensor<D>, $reverse);
        with_number!($op::$name, &Tensor<D>, $reverse);
        with_number!($op::$name, &Param<D>, $reverse);
        with_number!($op::$name, &Buffer<D>, $reverse);
    };
}

/// One operator with a number on its left. Those of other types than `f64` are refused, in the words of
/// [`LeftHandSide`]; with one integer type among them that is also said of a literal, with more it would not be.
macro_rules! with_number {
    ($op:ident::$name:ident, $tensor:ty, $reverse:expr) => {
        with_number!($op::$name, $tensor, $reverse, f64);
        with_number!($op::$name, $tensor, $reverse, f32);
        with_number!($op::$name, $tensor, $reverse, i32);
    };
    ($op:ident::$name:ident, $tensor:ty, $reverse:expr, $number:ty) => {
        impl<D: Compute> $op<$tensor> for $number
        where
            $number: LeftHandSide<D>,
        {
            type Output = Result<Tensor<D>>;

            #[inline]
            fn $name(self, rhs: $tensor) -> Result<Tensor<D>> {
                Ok(Tensor::wrap($reverse(f64::from(self), rhs.operand())?))
            }
        }
    };
}

type Candle = candle_core::Tensor;

operator!(Add::add, |x: &Candle, v| x + v, |v, x: &Candle| v + x);
operator!(Sub::sub, |x: &Candle, v| x - v, |v, x: &Candle| v - x);
operator!(Mul::mul, |x: &Candle, v| x * v, |v, x: &Candle| v * x);
operator!(Div::div, |x: &Candle, v| x / v, |v, x: &Candle| v / x);

/// `-x`.
impl<D: Compute> Neg for Tensor<D> {
    type Output = Result<Self>;

    #[inline]
    fn neg(self) -> Result<Self> {
        Self::neg(&self)
    }
}

/// `-&x`.
impl<D: Compute> Neg for &Tensor<D> {
    type Output = Result<Tensor<D>>;

    #[inline]
    fn neg(self) -> Result<Tensor<D>> {
        Tensor::neg(self)
    }
}
