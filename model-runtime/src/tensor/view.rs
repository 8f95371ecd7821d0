//! Other shapes for the same elements: reshape, flatten, transpose, broadcast, squeeze.
//!
//! Most results are views, which share the data; [`contiguous`](Tensor::contiguous) makes a copy where one is needed.

use candle_core::Shape;
use candle_core::shape::{Dim, Dims, ShapeWithOneHole};

use super::Tensor;
use super::check::not_zero;
use super::unary::unary;
use crate::device::Compute;
use crate::error::Result;

unary! {
    /// Makes one dimension of all; a scalar gets one.
    ///
    /// Corresponds to `torch.flatten(x)`, see
    /// [`torch.flatten`](https://docs.pytorch.org/docs/stable/generated/torch.flatten.html).
    flatten_all

    /// Swaps the last two dimensions.
    ///
    /// Corresponds to [`torch.Tensor.mT`](https://docs.pytorch.org/docs/stable/tensors.html#torch.Tensor.mT).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[[0f32, 1.0], [2.0, 3.0], [4.0, 5.0]], Cpu)?;
    /// assert_eq!(x.t()?.to_vec2::<f32>()?, [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    t
}

impl<D: Compute> Tensor<D> {
    /// Gives the elements another shape; one size can be left out as `()`, PyTorch's `-1`.
    ///
    /// A view if the tensor is contiguous, else a copy.
    ///
    #[doc = torch!("reshape")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::zeros((2, 3, 4), DType::F32, Cpu)?;
    /// assert_eq!(x.reshape((2, ()))?.dims(), [2, 12]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn reshape(&self, shape: impl ShapeWithOneHole) -> Result<Self> {
        Ok(Self::wrap(self.inner.reshape(shape)?))
    }

    /// Makes one dimension of those from `start_dim` to `end_dim`, both included.
    ///
    #[doc = torch!("flatten")]
    #[inline]
    pub fn flatten(&self, start_dim: impl Dim, end_dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(self.inner.flatten(start_dim, end_dim)?))
    }

    /// Makes one dimension of the first ones, up to `end_dim`, included.
    ///
    /// Corresponds to `torch.flatten(x, 0, end_dim)`, see
    /// [`torch.flatten`](https://docs.pytorch.org/docs/stable/generated/torch.flatten.html).
    #[inline]
    pub fn flatten_to(&self, end_dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(self.inner.flatten_to(end_dim)?))
    }

    /// Makes one dimension of the last ones, from `start_dim` on.
    ///
    /// Corresponds to `torch.flatten(x, start_dim)`, see
    /// [`torch.flatten`](https://docs.pytorch.org/docs/stable/generated/torch.flatten.html).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let images = Tensor::zeros((8, 3, 4, 4), DType::F32, Cpu)?;
    /// assert_eq!(images.flatten_from(1)?.dims(), [8, 48]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn flatten_from(&self, start_dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(self.inner.flatten_from(start_dim)?))
    }

    /// Swaps two dimensions.
    ///
    #[doc = torch!("transpose")]
    #[inline]
    pub fn transpose(&self, dim1: impl Dim, dim2: impl Dim) -> Result<Self> {
        Ok(Self::wrap(self.inner.transpose(dim1, dim2)?))
    }

    /// Puts the dimensions into another order; each is named once.
    ///
    #[doc = torch!("permute")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let channels_last = Tensor::zeros((1, 4, 5, 3), DType::F32, Cpu)?;
    /// assert_eq!(channels_last.permute((0, 3, 1, 2))?.dims(), [1, 3, 4, 5]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn permute(&self, dims: impl Dims) -> Result<Self> {
        Ok(Self::wrap(self.inner.permute(dims)?))
    }

    /// Removes a dimension of size 1; one of another size stays.
    ///
    #[doc = torch!("squeeze")]
    #[inline]
    pub fn squeeze(&self, dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(self.inner.squeeze(dim)?))
    }

    /// Inserts a dimension of size 1 before `dim`.
    ///
    #[doc = torch!("unsqueeze")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::zeros((2, 3), DType::F32, Cpu)?;
    /// assert_eq!(x.unsqueeze(1)?.dims(), [2, 1, 3]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn unsqueeze(&self, dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(self.inner.unsqueeze(dim)?))
    }

    /// Stretches dimensions of size 1, and adds dimensions in front, to the given shape.
    ///
    #[doc = torch!("broadcast_to")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[1f32, 2.0], Cpu)?;
    /// assert_eq!(x.broadcast_as((2, 2))?.to_vec2::<f32>()?, [[1.0, 2.0], [1.0, 2.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn broadcast_as(&self, shape: impl Into<Shape>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_as(shape)?))
    }

    /// Adds the given dimensions in front, repeating the tensor along them.
    #[inline]
    pub fn broadcast_left(&self, left_shape: impl Into<Shape>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_left(left_shape)?))
    }

    /// Stretches dimensions of size 1: another name of [`broadcast_as`](Tensor::broadcast_as).
    ///
    /// Corresponds to [`torch.Tensor.expand`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand.html).
    #[inline]
    pub fn expand(&self, shape: impl Into<Shape>) -> Result<Self> {
        Ok(Self::wrap(self.inner.expand(shape)?))
    }

    /// All windows of `size` elements along `dim`, `step` apart, as a new last dimension.
    ///
    /// Corresponds to [`torch.Tensor.unfold`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.unfold.html).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::arange(0f32, 4.0, Cpu)?;
    /// assert_eq!(x.unfold(0, 2, 1)?.to_vec2::<f32>()?, [[0.0, 1.0], [1.0, 2.0], [2.0, 3.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A window longer than the dimension, or a step of zero.
    #[inline]
    pub fn unfold(&self, dim: impl Dim, size: usize, step: usize) -> Result<Self> {
        not_zero("unfold", "step", step)?;
        Ok(Self::wrap(self.inner.unfold(dim, size, step)?))
    }
}
