//! Lists of tensors joined into one, repetition and padding.
//!
//! A list is a slice of tensors, parameters or buffers on one device, or of references to them.

use candle_core::Shape;
use candle_core::shape::Dim;

use super::{OnDevice, Tensor, on_device::Operand};
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Joins tensors along a dimension that they have; all other sizes are equal.
    ///
    #[doc = torch!("cat")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let a = Tensor::new(&[[1f32], [2.0]], Cpu)?;
    /// let b = Tensor::new(&[[3f32], [4.0]], Cpu)?;
    /// assert_eq!(Tensor::cat(&[&a, &b], 1)?.to_vec2::<f32>()?, [[1.0, 3.0], [2.0, 4.0]]);
    /// assert_eq!(Tensor::cat(&[a, b], 0)?.dims(), [4, 1]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// No tensors, or shapes or dtypes that do not fit.
    #[inline]
    pub fn cat<T: OnDevice<D>>(tensors: &[T], dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(cat(&operands(tensors), dim)?))
    }

    /// Joins tensors of one shape along a new dimension.
    ///
    #[doc = torch!("stack")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let a = Tensor::new(&[1f32, 2.0], Cpu)?;
    /// assert_eq!(Tensor::stack(&[&a, &a], 0)?.to_vec2::<f32>()?, [[1.0, 2.0], [1.0, 2.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// No tensors, or shapes or dtypes that do not fit.
    #[inline]
    pub fn stack<T: OnDevice<D>>(tensors: &[T], dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(stack(&operands(tensors), dim)?))
    }

    /// Makes grids of coordinates from two or more tensors of one dimension.
    ///
    /// `xy_indexing` is PyTorch's `indexing="xy"`: the first two dimensions are swapped; else it is `"ij"`.
    ///
    #[doc = torch!("meshgrid")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let y = Tensor::new(&[0f32, 1.0], Cpu)?;
    /// let x = Tensor::new(&[5f32, 6.0, 7.0], Cpu)?;
    /// let grids = Tensor::meshgrid(&[&y, &x], false)?;
    /// assert_eq!(grids[0].to_vec2::<f32>()?, [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]);
    /// assert_eq!(grids[1].to_vec2::<f32>()?, [[5.0, 6.0, 7.0], [5.0, 6.0, 7.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fewer than two tensors, or one with another number of dimensions.
    pub fn meshgrid<T: OnDevice<D>>(tensors: &[T], xy_indexing: bool) -> Result<Vec<Self>> {
        let grids = candle_core::Tensor::meshgrid(&operands(tensors), xy_indexing)?;
        Ok(grids.into_iter().map(Self::wrap).collect())
    }

    /// Repeats the tensor along each dimension as often as `repeats` says; more numbers than dimensions add some in
    /// front.
    ///
    /// Corresponds to [`torch.Tensor.repeat`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.repeat.html).
    #[inline]
    pub fn repeat(&self, repeats: impl Into<Shape>) -> Result<Self> {
        Ok(Self::wrap(self.inner.repeat(repeats)?))
    }

    /// Moves the elements along a dimension by `shift`; those that leave it come back at the other end.
    ///
    #[doc = torch!("roll")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[1f32, 2.0, 3.0], Cpu)?;
    /// assert_eq!(x.roll(1, 0)?.to_vec1::<f32>()?, [3.0, 1.0, 2.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn roll(&self, shift: i32, dim: impl Dim + Clone) -> Result<Self> {
        // There is nothing to move, and candle would divide by the size.
        if self.dim(dim.clone())? == 0 {
            return Ok(self.clone());
        }
        Ok(Self::wrap(self.inner.roll(shift, dim)?))
    }

    /// Reverses the order along each of `dims`.
    ///
    #[doc = torch!("flip")]
    #[inline]
    pub fn flip(&self, dims: &[usize]) -> Result<Self> {
        Ok(Self::wrap(self.inner.flip(dims)?))
    }

    /// Adds zeros along a dimension, `left` before and `right` after.
    ///
    /// Corresponds to [`torch.nn.functional.pad`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[1f32, 2.0], Cpu)?;
    /// assert_eq!(x.pad_with_zeros(0, 1, 2)?.to_vec1::<f32>()?, [0.0, 1.0, 2.0, 0.0, 0.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn pad_with_zeros(&self, dim: impl Dim, left: usize, right: usize) -> Result<Self> {
        Ok(Self::wrap(self.inner.pad_with_zeros(dim, left, right)?))
    }

    /// Repeats the first slice along a dimension `left` times before it, and the last one `right` times after it.
    ///
    /// Corresponds to [`torch.nn.functional.pad`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html)
    /// with `mode="replicate"`.
    ///
    /// # Errors
    ///
    /// A tensor without elements.
    #[inline]
    pub fn pad_with_same(&self, dim: impl Dim, left: usize, right: usize) -> Result<Self> {
        Ok(Self::wrap(self.inner.pad_with_same(dim, left, right)?))
    }
}

/// The candle tensors of a list.
fn operands<T: Operand>(tensors: &[T]) -> Vec<&candle_core::Tensor> {
    tensors.iter().map(T::operand).collect()
}

/// candle's `cat` panics if a tensor has no elements and the dimension is not the first: what is empty is left out.
pub(crate) fn cat(tensors: &[&candle_core::Tensor], dim: impl Dim) -> candle_core::Result<candle_core::Tensor> {
    let Some(first) = tensors.first() else { return candle_core::Tensor::cat(tensors, dim) };
    let dim = dim.to_index(first.shape(), "cat")?;
    let filled: Vec<_> = tensors.iter().filter(|tensor| tensor.elem_count() > 0).collect();
    if filled.len() == tensors.len() || !tensors.iter().all(|tensor| fits(tensor, first, dim)) {
        return candle_core::Tensor::cat(tensors, dim);
    }
    if !filled.is_empty() {
        return candle_core::Tensor::cat(&filled, dim);
    }
    let len = tensors.iter().filter_map(|tensor| tensor.dims().get(dim)).sum();
    let dims: Vec<usize> = first.dims().iter().enumerate().map(|(i, n)| if i == dim { len } else { *n }).collect();
    candle_core::Tensor::zeros(dims, first.dtype(), first.device())
}

fn stack(tensors: &[&candle_core::Tensor], dim: impl Dim) -> candle_core::Result<candle_core::Tensor> {
    let Some(first) = tensors.first() else { return candle_core::Tensor::stack(tensors, dim) };
    let dim = dim.to_index_plus_one(first.shape(), "stack")?;
    let tensors = tensors.iter().map(|tensor| tensor.unsqueeze(dim)).collect::<candle_core::Result<Vec<_>>>()?;
    cat(&tensors.iter().collect::<Vec<_>>(), dim)
}

/// Whether two tensors have one dtype, and the same sizes but along `dim`.
fn fits(tensor: &candle_core::Tensor, first: &candle_core::Tensor, dim: usize) -> bool {
    let sizes = tensor.dims().iter().zip(first.dims()).enumerate();
    tensor.dtype() == first.dtype()
        && tensor.rank() == first.rank()
        && sizes.clone().all(|(i, (a, b))| i == dim || a == b)
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    // The shapes are those that torch gives.
    #[test]
    fn tensors_without_elements_are_joined_as_others_are() -> Result<()> {
        let empty = Tensor::zeros((2, 0), DType::F32, Cpu)?;
        let ones = Tensor::ones((2, 3), DType::F32, Cpu)?;
        assert_eq!(Tensor::cat(&[&empty, &ones, &empty], 1)?.to_vec2::<f32>()?, [[1.0; 3]; 2]);
        assert_eq!(Tensor::cat(&[&empty, &empty], 1)?.dims(), [2, 0]);
        assert_eq!(Tensor::cat(&[&empty, &empty], 0)?.dims(), [4, 0]);
        assert_eq!(Tensor::stack(&[&empty, &empty], 1)?.dims(), [2, 2, 0]);
        assert_eq!(Tensor::stack(&[&empty, &empty], 2)?.dims(), [2, 0, 2]);
        Ok(())
    }

    #[test]
    fn what_does_not_fit_is_an_error_with_and_without_elements() -> Result<()> {
        let empty = Tensor::zeros((2, 0), DType::F32, Cpu)?;
        for other in [Tensor::ones((3, 3), DType::F32, Cpu)?, Tensor::ones((2, 3), DType::F64, Cpu)?] {
            assert!(Tensor::cat(&[&empty, &other], 1).is_err());
        }
        assert!(Tensor::stack(&[&empty, &Tensor::ones((2, 1), DType::F32, Cpu)?], 0).is_err());
        Ok(())
    }
}
