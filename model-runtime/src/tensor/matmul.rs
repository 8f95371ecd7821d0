//! Products of matrices and vectors.

use super::{OnDevice, Tensor};
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Multiplies matrices: `(.., m, k)` by `(.., k, n)` gives `(.., m, n)`, with equal dimensions in front. Floating
    /// dtypes.
    ///
    #[doc = torch!("matmul")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[[1f32, 2.0], [3.0, 4.0]], Cpu)?;
    /// assert_eq!(x.matmul(&x.t()?)?.to_vec2::<f32>()?, [[5.0, 11.0], [11.0, 25.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn matmul(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.matmul(rhs.operand())?))
    }

    /// Multiplies matrices, stretching the dimensions in front: `(b, 1, m, k)` by `(h, k, n)` gives `(b, h, m, n)`.
    ///
    #[doc = torch!("matmul")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::ones((8, 5, 4), DType::F32, Cpu)?;
    /// let weight = Tensor::ones((4, 2), DType::F32, Cpu)?;
    /// assert_eq!(x.broadcast_matmul(&weight)?.dims(), [8, 5, 2]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn broadcast_matmul(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_matmul(rhs.operand())?))
    }

    /// Multiplies a matrix `(m, n)` by a vector `(n)`, to a vector `(m)`.
    ///
    #[doc = torch!("mv")]
    #[inline]
    pub fn mv(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.mv(rhs.operand())?))
    }

    /// Multiplies two vectors of one length and adds up: the result is a scalar.
    ///
    #[doc = torch!("dot")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[1f32, 2.0, 3.0], Cpu)?;
    /// assert_eq!(x.dot(&x)?.to_scalar::<f32>()?, 14.0);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn dot(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.dot(rhs.operand())?))
    }
}
