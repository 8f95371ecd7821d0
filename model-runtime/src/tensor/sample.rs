//! Labels as vectors, and samples from logits.

use candle_core::WithDType;
use candle_core::shape::Dim;

use super::Tensor;
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Adds a last dimension of `depth`, with `on_value` at the place that each element names and `off_value` elsewhere;
    /// -1 names none.
    ///
    /// The values are written on the CPU. Indices are `u8`, `u32` or `i64`.
    ///
    #[doc = functional!("one_hot")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let labels = Tensor::new(&[2u32, 0], Cpu)?;
    /// assert_eq!(labels.one_hot(3, 1f32, 0.0)?.to_vec2::<f32>()?, [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An index below -1, or not below `depth`.
    pub fn one_hot<T: WithDType>(&self, depth: usize, on_value: T, off_value: T) -> Result<Self> {
        Ok(Self::wrap(candle_nn::encoding::one_hot(self.inner.clone(), depth, on_value, off_value)?))
    }

    /// Draws places along a dimension of logits with the probabilities `softmax(logits / temperature)`, as `u32`. A
    /// temperature of 0 takes the largest.
    pub fn gumbel_softmax(&self, temperature: f64, dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(candle_nn::sampling::gumbel_softmax(&self.inner, temperature, dim)?))
    }
}
