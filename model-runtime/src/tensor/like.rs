//! Helper tensors beside another one, with its device and dtype: `x.zeros_like()`, `x.full_like(value)`.
//!
//! Masks and tables of positions are where device bugs live: taken from a tensor that is already in the right place,
//! they cannot be in the wrong one.

use candle_core::WithDType;

use super::Tensor;
use super::from_data::float_range;
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Makes zeros of this tensor's shape and dtype.
    ///
    #[doc = torch!("zeros_like")]
    #[inline]
    pub fn zeros_like(&self) -> Result<Self> {
        Ok(Self::wrap(self.inner.zeros_like()?))
    }

    /// Makes ones of this tensor's shape and dtype.
    ///
    #[doc = torch!("ones_like")]
    #[inline]
    pub fn ones_like(&self) -> Result<Self> {
        Ok(Self::wrap(self.inner.ones_like()?))
    }

    /// Makes a tensor of this one's shape and dtype that is full of `value`.
    ///
    #[doc = torch!("full_like")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let scores = Tensor::new(&[[1f32, 2.0], [3.0, 4.0]], Cpu)?;
    /// let seen = Tensor::tril2(2, DType::U8, scores.device())?;
    /// let masked = seen.where_cond(&scores, &scores.full_like(f32::NEG_INFINITY)?)?;
    /// assert_eq!(masked.to_vec2::<f32>()?, [[1.0, f32::NEG_INFINITY], [3.0, 4.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    pub fn full_like(&self, value: impl WithDType) -> Result<Self> {
        // The number is converted on the CPU: not every backend has the dtype of a literal.
        let value = candle_core::Tensor::new(value, &candle_core::Device::Cpu)?.to_dtype(self.dtype())?;
        Ok(Self::wrap(value.to_device(self.inner.device())?.broadcast_as(self.shape())?.contiguous()?))
    }

    /// Makes values of this tensor's shape and dtype, uniformly distributed in `lo..up`.
    ///
    #[doc = torch!("rand_like")]
    #[inline]
    pub fn rand_like(&self, lo: f64, up: f64) -> Result<Self> {
        Ok(Self::wrap(self.inner.rand_like(lo, up)?))
    }

    /// Makes normally distributed values of this tensor's shape and dtype.
    ///
    #[doc = torch!("randn_like")]
    #[inline]
    pub fn randn_like(&self, mean: f64, std: f64) -> Result<Self> {
        Ok(Self::wrap(self.inner.randn_like(mean, std)?))
    }

    /// Makes the tensor `start, start + 1, ...` up to and without `end`, of one dimension and this tensor's dtype.
    ///
    /// Corresponds to `torch.arange(start, end, dtype=x.dtype, device=x.device)`, see
    /// [`torch.arange`](https://docs.pytorch.org/docs/stable/generated/torch.arange.html). For another dtype, write
    /// `Tensor::arange(0u32, n, x.device())`.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::zeros((1, 3), DType::F32, Cpu)?;
    /// let positions = x.arange_like(0.0, x.dim(1)? as f64)?;
    /// assert_eq!(positions.to_vec1::<f32>()?, [0.0, 1.0, 2.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Bounds that are not finite.
    pub fn arange_like(&self, start: f64, end: f64) -> Result<Self> {
        let values = candle_core::Tensor::from_iter(float_range(start, end, 1.0)?, &candle_core::Device::Cpu)?;
        Ok(Self::wrap(values.to_dtype(self.dtype())?.to_device(self.inner.device())?))
    }
}
