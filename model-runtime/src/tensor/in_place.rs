//! Changes in place, which all tensors that share the storage see. Not recorded for gradients.
//!
//! For tables that grow, such as a cache of keys and values. A tensor that shares its storage with one that a gradient
//! needs must not be changed.

use candle_core::scalar::Scalar;
use candle_core::shape::Dim;
use candle_core::{InplaceOp1, InplaceOp2, InplaceOp3};

use super::gather::numbers;
use super::{OnDevice, Tensor};
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Sets all elements to a number of this dtype.
    ///
    /// Corresponds to [`torch.Tensor.fill_`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.fill_.html).
    ///
    /// # Errors
    ///
    /// A number of another dtype.
    #[inline]
    pub fn const_set(&self, value: impl Into<Scalar>) -> Result<()> {
        Ok(self.inner.const_set(value.into())?)
    }

    /// Sets all elements to zero.
    ///
    /// Corresponds to [`torch.Tensor.zero_`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.zero_.html).
    #[inline]
    pub fn zero_set(&self) -> Result<()> {
        Ok(self.inner.zero_set()?)
    }

    /// Sets all elements to one.
    #[inline]
    pub fn one_set(&self) -> Result<()> {
        Ok(self.inner.one_set()?)
    }

    /// Copies `source` over the slices from `offset` on along `dim`. Both are contiguous and do not share storage.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let cache = Tensor::zeros((1, 4), DType::F32, Cpu)?;
    /// cache.slice_set(&Tensor::new(&[[1f32, 2.0]], Cpu)?, 1, 1)?;
    /// assert_eq!(cache.to_vec2::<f32>()?, [[0.0, 1.0, 2.0, 0.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Tensors that are not contiguous or share storage, or a slice past the end.
    #[inline]
    pub fn slice_set(&self, source: &impl OnDevice<D>, dim: impl Dim, offset: usize) -> Result<()> {
        Ok(self.inner.slice_set(source.operand(), dim, offset)?)
    }

    /// Puts the elements of `source` at the places in `indexes` along `dim`; both have one shape.
    ///
    /// Corresponds to [`torch.Tensor.scatter_`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_.html).
    ///
    /// # Errors
    ///
    /// Tensors that share storage, or an index past the end (on the CPU).
    #[inline]
    pub fn scatter_set(&self, indexes: &impl OnDevice<D>, source: &impl OnDevice<D>, dim: impl Dim) -> Result<()> {
        Ok(self.inner.scatter_set(&numbers(indexes.operand())?, source.operand(), dim)?)
    }

    /// Adds the elements of `source` at the places in `indexes` along `dim`; both have one shape.
    ///
    /// Corresponds to
    /// [`torch.Tensor.scatter_add_`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_add_.html).
    ///
    /// # Errors
    ///
    /// Tensors that share storage, or an index past the end (on the CPU).
    #[inline]
    pub fn scatter_add_set(&self, indexes: &impl OnDevice<D>, source: &impl OnDevice<D>, dim: impl Dim) -> Result<()> {
        Ok(self.inner.scatter_add_set(&numbers(indexes.operand())?, source.operand(), dim)?)
    }

    /// Applies an operation of your own, in place.
    ///
    /// # Errors
    ///
    /// What the operation returns.
    #[inline]
    pub fn inplace_op1(&self, op: &impl InplaceOp1) -> Result<()> {
        Ok(self.inner.inplace_op1(op)?)
    }

    /// Applies an operation of your own with one more operand, in place.
    ///
    /// # Errors
    ///
    /// What the operation returns.
    #[inline]
    pub fn inplace_op2(&self, rhs: &impl OnDevice<D>, op: &impl InplaceOp2) -> Result<()> {
        Ok(self.inner.inplace_op2(rhs.operand(), op)?)
    }

    /// Applies an operation of your own with two more operands, in place.
    ///
    /// # Errors
    ///
    /// What the operation returns.
    #[inline]
    pub fn inplace_op3(&self, t2: &impl OnDevice<D>, t3: &impl OnDevice<D>, op: &impl InplaceOp3) -> Result<()> {
        Ok(self.inner.inplace_op3(t2.operand(), t3.operand(), op)?)
    }
}
