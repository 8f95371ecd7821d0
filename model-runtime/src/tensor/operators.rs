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

use super::{OnDevice, Tensor, on_device::Operand};
use crate::device::Compute;
use crate::error::Result;
use crate::module::{Buffer, Param};

/// One operator, for one kind of left-hand side.
macro_rules! with_lhs {
    ($op:ident::$name:ident, $lhs:ty) => {
        impl<D: Compute, R: OnDevice<D>> $op<&R> for $lhs {
            type Output = Result<Tensor<D>>;

            #[inline]
            fn $name(self, rhs: &R) -> Result<Tensor<D>> {
                Tensor::$name(&self, rhs)
            }
        }

        impl<D: Compute, E: Compute> $op<Tensor<E>> for $lhs
        where
            Tensor<E>: OnDevice<D>,
        {
            type Output = Result<Tensor<D>>;

            #[inline]
            fn $name(self, rhs: Tensor<E>) -> Result<Tensor<D>> {
                Tensor::$name(&self, &rhs)
            }
        }

        impl<D: Compute, R: OnDevice<D>> $op<Result<R>> for $lhs {
            type Output = Result<Tensor<D>>;

            #[inline]
            fn $name(self, rhs: Result<R>) -> Result<Tensor<D>> {
                Tensor::$name(&self, &rhs?)
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
        with_lhs!($op::$name, Tensor<D>);
        with_lhs!($op::$name, &Tensor<D>);
        with_lhs!($op::$name, &Param<D>);
        with_lhs!($op::$name, &Buffer<D>);

        with_result!($op::$name, Tensor<E>, Tensor<E>);
        with_result!($op::$name, &Tensor<E>, Tensor<E>);
        with_result!($op::$name, &Param<E>, Param<E>);
        with_result!($op::$name, &Buffer<E>, Buffer<E>);

        with_scalar!($op::$name, Tensor<D>, $scalar, $reverse);
        with_scalar!($op::$name, &Tensor<D>, $scalar, $reverse);
        with_scalar!($op::$name, &Param<D>, $scalar, $reverse);
        with_scalar!($op::$name, &Buffer<D>, $scalar, $reverse);
    };
}

/// One operator between one kind of tensor and a number, both ways.
macro_rules! with_scalar {
    ($op:ident::$name:ident, $tensor:ty, $scalar:expr, $reverse:expr) => {
        impl<D: Compute> $op<f64> for $tensor {
            type Output = Result<Tensor<D>>;

            #[inline]
            fn $name(self, rhs: f64) -> Result<Tensor<D>> {
                Ok(Tensor::wrap($scalar(self.operand(), rhs)?))
            }
        }

        impl<D: Compute> $op<$tensor> for f64 {
            type Output = Result<Tensor<D>>;

            #[inline]
            fn $name(self, rhs: $tensor) -> Result<Tensor<D>> {
                Ok(Tensor::wrap($reverse(self, rhs.operand())?))
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
