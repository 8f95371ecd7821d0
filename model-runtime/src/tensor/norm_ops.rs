//! Normalisation over the last dimension and rotary positions, as functions of tensors. The layers are in `nn`.
//!
//! The plain names run candle's fused kernels and are for inference: no gradient flows through, and tensors are
//! contiguous. The `_slow` names are made of other operations, and record the graph.

use candle_nn::{ops, rotary_emb};

use super::{OnDevice, Tensor};
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Divides by the root mean square of the last dimension, and multiplies by `weight`.
    ///
    #[doc = functional!("rms_norm")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[[4f32, 0.0, 0.0, 0.0]], Cpu)?;
    /// let y = x.rms_norm(&Tensor::full(10f32, 4, Cpu)?, 0.0)?;
    /// assert_eq!(y.to_vec2::<f32>()?, [[20.0, 0.0, 0.0, 0.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn rms_norm(&self, weight: &impl OnDevice<D>, eps: f32) -> Result<Self> {
        Ok(Self::wrap(ops::rms_norm(&self.inner, weight.operand(), eps)?))
    }

    /// Divides by the root mean square of the last dimension, and multiplies by `weight`; recorded for gradients.
    ///
    #[doc = functional!("rms_norm")]
    #[inline]
    pub fn rms_norm_slow(&self, weight: &impl OnDevice<D>, eps: f32) -> Result<Self> {
        Ok(Self::wrap(ops::rms_norm_slow(&self.inner, weight.operand(), eps)?))
    }

    /// Normalises the last dimension to mean 0 and variance 1, multiplies by `weight` and adds `bias`.
    ///
    #[doc = functional!("layer_norm")]
    #[inline]
    pub fn layer_norm(&self, weight: &impl OnDevice<D>, bias: &impl OnDevice<D>, eps: f32) -> Result<Self> {
        Ok(Self::wrap(ops::layer_norm(&self.inner, weight.operand(), bias.operand(), eps)?))
    }

    /// Normalises the last dimension to mean 0 and variance 1, multiplies by `weight` and adds `bias`; recorded for
    /// gradients.
    ///
    #[doc = functional!("layer_norm")]
    #[inline]
    pub fn layer_norm_slow(&self, weight: &impl OnDevice<D>, bias: &impl OnDevice<D>, eps: f32) -> Result<Self> {
        Ok(Self::wrap(ops::layer_norm_slow(&self.inner, weight.operand(), bias.operand(), eps)?))
    }

    /// Rotates pairs of features by position, pairing the first half of the features with the second (as Llama does).
    ///
    /// `(batch, heads, length, features)`; `cos` and `sin` are `(length or more, features / 2)`.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[[[[1f32, 2.0]]]], Cpu)?;
    /// let (cos, sin) = (Tensor::new(&[[0f32]], Cpu)?, Tensor::new(&[[1f32]], Cpu)?);
    /// assert_eq!(x.rope(&cos, &sin)?.flatten_all()?.to_vec1::<f32>()?, [-2.0, 1.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn rope(&self, cos: &impl OnDevice<D>, sin: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(rotary_emb::rope(&self.inner, cos.operand(), sin.operand())?))
    }

    /// [`rope`](Tensor::rope), recorded for gradients.
    #[inline]
    pub fn rope_slow(&self, cos: &impl OnDevice<D>, sin: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(rotary_emb::rope_slow(&self.inner, cos.operand(), sin.operand())?))
    }

    /// Rotates pairs of features by position, pairing neighbours (as GPT-J does). Shapes are those of
    /// [`rope`](Tensor::rope).
    #[inline]
    pub fn rope_i(&self, cos: &impl OnDevice<D>, sin: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(rotary_emb::rope_i(&self.inner, cos.operand(), sin.operand())?))
    }

    /// [`rope_i`](Tensor::rope_i), recorded for gradients.
    #[inline]
    pub fn rope_i_slow(&self, cos: &impl OnDevice<D>, sin: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(rotary_emb::rope_i_slow(&self.inner, cos.operand(), sin.operand())?))
    }

    /// [`rope`](Tensor::rope) for `(batch, length, heads, features)`.
    #[inline]
    pub fn rope_thd(&self, cos: &impl OnDevice<D>, sin: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(rotary_emb::rope_thd(&self.inner, cos.operand(), sin.operand())?))
    }
}
