//! What a tensor is: its sizes, strides and dtype.

use candle_core::{DType, Layout, Shape, StridedBlocks, StridedIndex, shape::Dim};

use super::Tensor;
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// The shape.
    ///
    /// Corresponds to [`torch.Tensor.shape`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.shape.html).
    #[inline]
    pub fn shape(&self) -> &Shape {
        self.inner.shape()
    }

    /// The sizes of all dimensions.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::zeros((2, 3), DType::F32, Cpu)?;
    /// assert_eq!(x.dims(), [2, 3]);
    /// let (batch, features) = x.dims2()?;
    /// assert_eq!((batch, features, x.rank(), x.elem_count()), (2, 3, 2, 6));
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn dims(&self) -> &[usize] {
        self.inner.dims()
    }

    /// The size of one dimension.
    ///
    /// Corresponds to [`torch.Tensor.size`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.size.html).
    ///
    /// # Errors
    ///
    /// The tensor has no such dimension.
    #[inline]
    pub fn dim(&self, dim: impl Dim) -> Result<usize> {
        Ok(self.inner.dim(dim)?)
    }

    /// Checks that there is no dimension: a scalar.
    ///
    /// # Errors
    ///
    /// There are dimensions.
    #[inline]
    pub fn dims0(&self) -> Result<()> {
        Ok(self.inner.dims0()?)
    }

    /// The size of the only dimension.
    ///
    /// # Errors
    ///
    /// Another number of dimensions.
    #[inline]
    pub fn dims1(&self) -> Result<usize> {
        Ok(self.inner.dims1()?)
    }

    /// The sizes of the two dimensions.
    ///
    /// # Errors
    ///
    /// Another number of dimensions.
    #[inline]
    pub fn dims2(&self) -> Result<(usize, usize)> {
        Ok(self.inner.dims2()?)
    }

    /// The sizes of the three dimensions.
    ///
    /// # Errors
    ///
    /// Another number of dimensions.
    #[inline]
    pub fn dims3(&self) -> Result<(usize, usize, usize)> {
        Ok(self.inner.dims3()?)
    }

    /// The sizes of the four dimensions.
    ///
    /// # Errors
    ///
    /// Another number of dimensions.
    #[inline]
    pub fn dims4(&self) -> Result<(usize, usize, usize, usize)> {
        Ok(self.inner.dims4()?)
    }

    /// The sizes of the five dimensions.
    ///
    /// # Errors
    ///
    /// Another number of dimensions.
    #[inline]
    pub fn dims5(&self) -> Result<(usize, usize, usize, usize, usize)> {
        Ok(self.inner.dims5()?)
    }

    /// The number of dimensions.
    ///
    /// Corresponds to [`torch.Tensor.dim`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.dim.html).
    #[inline]
    pub fn rank(&self) -> usize {
        self.inner.rank()
    }

    /// The number of elements.
    ///
    #[doc = torch!("numel")]
    #[inline]
    pub fn elem_count(&self) -> usize {
        self.inner.elem_count()
    }

    /// The type of the elements.
    #[inline]
    pub fn dtype(&self) -> DType {
        self.inner.dtype()
    }

    /// Shape, strides and offset in the storage.
    #[inline]
    pub fn layout(&self) -> &Layout {
        self.inner.layout()
    }

    /// The step in the storage, in elements, for each dimension.
    ///
    /// Corresponds to [`torch.Tensor.stride`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.stride.html).
    #[inline]
    pub fn stride(&self) -> &[usize] {
        self.inner.stride()
    }

    /// Are the elements stored in row-major order, without gaps?
    ///
    /// Corresponds to
    /// [`torch.Tensor.is_contiguous`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.is_contiguous.html).
    #[inline]
    pub fn is_contiguous(&self) -> bool {
        self.inner.is_contiguous()
    }

    /// Are the elements stored in column-major order, without gaps?
    #[inline]
    pub fn is_fortran_contiguous(&self) -> bool {
        self.inner.is_fortran_contiguous()
    }

    /// The dimension that `axis` means; negative numbers count from the last.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::zeros((2, 3), DType::F32, Cpu)?;
    /// assert_eq!(x.normalize_axis(-1)?, 1);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The tensor has no such dimension.
    #[inline]
    pub fn normalize_axis(&self, axis: i64) -> Result<usize> {
        Ok(self.inner.normalize_axis(axis)?)
    }

    /// The places of the elements in the storage, in row-major order.
    #[inline]
    pub fn strided_index(&self) -> StridedIndex<'_> {
        self.inner.strided_index()
    }

    /// The starts and lengths of the contiguous blocks in the storage, in row-major order.
    #[inline]
    pub fn strided_blocks(&self) -> StridedBlocks<'_> {
        self.inner.strided_blocks()
    }
}
