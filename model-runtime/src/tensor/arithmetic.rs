//! Arithmetic of two tensors: same shape, or with broadcasting; powers, scaling and clamping.
//!
//! Both tensors have one dtype. As in candle, the plain names want one shape, and the `broadcast_` names stretch
//! dimensions of size 1 as PyTorch's operators do. [`operators`](super::operators) has `+`, `-`, `*` and `/`.

use super::operand::TensorOrScalar;
use super::{OnDevice, Tensor};
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Adds two tensors of one shape.
    ///
    #[doc = torch!("add")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[1f32, 2.0], Cpu)?;
    /// assert_eq!(x.add(&x)?.to_vec1::<f32>()?, [2.0, 4.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn add(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.add(rhs.operand())?))
    }

    /// Subtracts a tensor of the same shape.
    ///
    #[doc = torch!("sub")]
    #[inline]
    pub fn sub(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.sub(rhs.operand())?))
    }

    /// Multiplies two tensors of one shape, element by element.
    ///
    #[doc = torch!("mul")]
    #[inline]
    pub fn mul(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.mul(rhs.operand())?))
    }

    /// Divides by a tensor of the same shape, element by element. Integers are divided as integers.
    ///
    #[doc = torch!("div")]
    #[inline]
    pub fn div(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.div(rhs.operand())?))
    }

    /// Raises each element to the power in `rhs`, of the same shape. Floating dtypes.
    ///
    /// Computed as `exp(rhs * log(self))`: a negative base gives NaN, where
    /// [`torch.pow`](https://docs.pytorch.org/docs/stable/generated/torch.pow.html) knows integral exponents.
    /// [`powf`](Tensor::powf) does too.
    #[inline]
    pub fn pow(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.pow(rhs.operand())?))
    }

    /// Adds two tensors, stretching dimensions of size 1.
    ///
    #[doc = torch!("add")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[[1f32, 2.0], [3.0, 4.0]], Cpu)?;
    /// let bias = Tensor::new(&[10f32, 20.0], Cpu)?;
    /// assert_eq!(x.broadcast_add(&bias)?.to_vec2::<f32>()?, [[11.0, 22.0], [13.0, 24.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn broadcast_add(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_add(rhs.operand())?))
    }

    /// Subtracts a tensor, stretching dimensions of size 1.
    ///
    #[doc = torch!("sub")]
    #[inline]
    pub fn broadcast_sub(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_sub(rhs.operand())?))
    }

    /// Multiplies two tensors element by element, stretching dimensions of size 1.
    ///
    #[doc = torch!("mul")]
    #[inline]
    pub fn broadcast_mul(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_mul(rhs.operand())?))
    }

    /// Divides by a tensor element by element, stretching dimensions of size 1.
    ///
    #[doc = torch!("div")]
    #[inline]
    pub fn broadcast_div(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_div(rhs.operand())?))
    }

    /// Takes the larger of two elements, stretching dimensions of size 1.
    ///
    #[doc = torch!("maximum")]
    #[inline]
    pub fn broadcast_maximum(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_maximum(rhs.operand())?))
    }

    /// Takes the smaller of two elements, stretching dimensions of size 1.
    ///
    #[doc = torch!("minimum")]
    #[inline]
    pub fn broadcast_minimum(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_minimum(rhs.operand())?))
    }

    /// Raises each element to the power in `rhs`, stretching dimensions of size 1. See [`pow`](Tensor::pow) for
    /// negative bases.
    ///
    #[doc = torch!("pow")]
    #[inline]
    pub fn broadcast_pow(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_pow(rhs.operand())?))
    }

    /// Takes the larger of each element and `rhs`: a tensor of the same shape, or a number.
    ///
    #[doc = torch!("maximum")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[-1f32, 0.5, 2.0], Cpu)?;
    /// assert_eq!(x.maximum(0.0)?.to_vec1::<f32>()?, [0.0, 0.5, 2.0]);
    /// assert_eq!(x.maximum(&x.neg()?)?.to_vec1::<f32>()?, [1.0, 0.5, 2.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn maximum(&self, rhs: impl TensorOrScalar<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.maximum(rhs.value())?))
    }

    /// Takes the smaller of each element and `rhs`: a tensor of the same shape, or a number.
    ///
    #[doc = torch!("minimum")]
    #[inline]
    pub fn minimum(&self, rhs: impl TensorOrScalar<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.minimum(rhs.value())?))
    }

    /// Limits each element to `min..=max`: each a tensor of the same shape, or a number.
    ///
    #[doc = torch!("clamp")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[-1f32, 0.5, 2.0], Cpu)?;
    /// assert_eq!(x.clamp(0.0, 1.0)?.to_vec1::<f32>()?, [0.0, 0.5, 1.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn clamp(&self, min: impl TensorOrScalar<D>, max: impl TensorOrScalar<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.clamp(min.value(), max.value())?))
    }

    /// Raises each element to the power `exponent`. Floating dtypes.
    ///
    #[doc = torch!("pow")]
    #[inline]
    pub fn powf(&self, exponent: f64) -> Result<Self> {
        Ok(Self::wrap(self.inner.powf(exponent)?))
    }

    /// Computes `self * mul + add` with two numbers, which are converted to the tensor's dtype first.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[0f32, 1.0], Cpu)?;
    /// assert_eq!(x.affine(4.0, -2.0)?.to_vec1::<f32>()?, [-2.0, 2.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn affine(&self, mul: f64, add: f64) -> Result<Self> {
        Ok(Self::wrap(self.inner.affine(mul, add)?))
    }
}
