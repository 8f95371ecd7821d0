//! Elements picked by tensors of indices, and elements put back: gather, scatter, slices.
//!
//! Indices are integers (`u8`, `u32` or `i64`), counted from zero. As in candle, the largest `u32` and
//! the largest `i64` stand for no place: what is picked there is zero, and what is put there is left out.

use std::ops::RangeBounds;

use candle_core::DType;
use candle_core::shape::Dim;

use super::{OnDevice, Tensor};
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Picks elements along `dim`: the result has the shape of `indexes`, which has as many dimensions as `self`.
    ///
    #[doc = torch!("gather")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let log_probs = Tensor::new(&[[-0.1f32, -2.0], [-3.0, -0.2]], Cpu)?;
    /// let labels = Tensor::new(&[[0u32], [1]], Cpu)?;
    /// assert_eq!(log_probs.gather(&labels, 1)?.to_vec2::<f32>()?, [[-0.1], [-0.2]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An index past the end (on the CPU), or shapes that do not fit.
    #[inline]
    pub fn gather(&self, indexes: &impl OnDevice<D>, dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(self.inner.gather(&numbers(indexes.operand())?, dim)?))
    }

    /// Picks whole slices along `dim`: `indexes` has one dimension.
    ///
    #[doc = torch!("index_select")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[[0f32, 1.0, 2.0], [3.0, 4.0, 5.0]], Cpu)?;
    /// let order = Tensor::new(&[2u32, 0], Cpu)?;
    /// assert_eq!(x.index_select(&order, 1)?.to_vec2::<f32>()?, [[2.0, 0.0], [5.0, 3.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An index past the end (on the CPU), or shapes that do not fit.
    #[inline]
    pub fn index_select(&self, indexes: &impl OnDevice<D>, dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(self.inner.index_select(&numbers(indexes.operand())?, dim)?))
    }

    /// Picks rows of a matrix `(vocabulary, features)` by `ids` of one dimension.
    ///
    /// Corresponds to [`torch.nn.functional.embedding`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html).
    ///
    /// # Errors
    ///
    /// An index past the end (on the CPU), or shapes that do not fit.
    #[inline]
    pub fn embedding(&self, ids: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.embedding(&numbers(ids.operand())?)?))
    }

    /// A copy with the slices of `source` along `dim` added at the places in `indexes`, of one dimension.
    ///
    #[doc = torch!("index_add")]
    #[inline]
    pub fn index_add(&self, indexes: &impl OnDevice<D>, source: &impl OnDevice<D>, dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(self.inner.index_add(&numbers(indexes.operand())?, source.operand(), dim)?))
    }

    /// A copy with the elements of `source` put at the places in `indexes` along `dim`; both have one shape.
    ///
    #[doc = torch!("scatter")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::zeros((2, 3), DType::F32, Cpu)?;
    /// let places = Tensor::new(&[[2u32], [0]], Cpu)?;
    /// let y = x.scatter(&places, &Tensor::ones((2, 1), DType::F32, Cpu)?, 1)?;
    /// assert_eq!(y.to_vec2::<f32>()?, [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn scatter(&self, indexes: &impl OnDevice<D>, source: &impl OnDevice<D>, dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(self.inner.scatter(&numbers(indexes.operand())?, source.operand(), dim)?))
    }

    /// A copy with the elements of `source` added at the places in `indexes` along `dim`; both have one shape.
    ///
    #[doc = torch!("scatter_add")]
    #[inline]
    pub fn scatter_add(&self, indexes: &impl OnDevice<D>, source: &impl OnDevice<D>, dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(self.inner.scatter_add(&numbers(indexes.operand())?, source.operand(), dim)?))
    }

    /// A copy with `source` in place of the slices from `start` on along `dim`.
    ///
    #[doc = torch!("slice_scatter")]
    #[inline]
    pub fn slice_scatter(&self, source: &impl OnDevice<D>, dim: impl Dim, start: usize) -> Result<Self> {
        Ok(Self::wrap(self.inner.slice_scatter(source.operand(), dim, start)?))
    }

    /// A copy with `source` in place of the slices from `start` on along the first dimension.
    ///
    #[doc = torch!("slice_scatter")]
    #[inline]
    pub fn slice_scatter0(&self, source: &impl OnDevice<D>, start: usize) -> Result<Self> {
        Ok(Self::wrap(self.inner.slice_scatter0(source.operand(), start)?))
    }

    /// A copy with `source` in place of the part that `ranges`, one for each dimension, cut out.
    ///
    /// Corresponds to `x[...] = source` on a clone of `x`.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::zeros((2, 3), DType::F32, Cpu)?;
    /// let y = x.slice_assign(&[0..1, 1..3], &Tensor::ones((1, 2), DType::F32, Cpu)?)?;
    /// assert_eq!(y.to_vec2::<f32>()?, [[0.0, 1.0, 1.0], [0.0, 0.0, 0.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A range that is empty, past the end, or not as long as `source` is there.
    #[inline]
    pub fn slice_assign(&self, ranges: &[impl RangeBounds<usize>], source: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.slice_assign(ranges, source.operand())?))
    }
}

/// Indices without candle's number for "no place" among the places that there can be: 255 is a row of a table of bytes.
pub(super) fn numbers(indexes: &candle_core::Tensor) -> candle_core::Result<candle_core::Tensor> {
    if indexes.dtype() == DType::U8 { indexes.to_dtype(DType::U32) } else { Ok(indexes.clone()) }
}
