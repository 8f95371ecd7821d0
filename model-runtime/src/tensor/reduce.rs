//! Sums, means, extremes and other reductions; cumulative sums and sorting.
//!
//! `dim` is one dimension, `dims` one or several: `1`, `(2, 3)`, `vec![..]`. The plain names drop them, the `_keepdim`
//! names leave them with size 1, ready for [`broadcast_sub`](Tensor::broadcast_sub) and its like.

use candle_core::shape::{Dim, Dims};

use super::Tensor;
use super::check::not_zero;
use super::unary::unary;
use crate::device::Compute;
use crate::error::Result;

macro_rules! reduce {
    ($bound:ident; $($(#[$doc:meta])* $name:ident)*) => {
        impl<D: Compute> Tensor<D> {$(
            $(#[$doc])*
            #[inline]
            pub fn $name(&self, dim: impl $bound) -> Result<Self> {
                Ok(Self::wrap(self.inner.$name(dim)?))
            }
        )*}
    };
}

reduce! { Dims;
    /// Adds up the elements along one or several dimensions.
    ///
    #[doc = torch!("sum")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[[1f32, 2.0], [3.0, 4.0]], Cpu)?;
    /// assert_eq!(x.sum(0)?.to_vec1::<f32>()?, [4.0, 6.0]);
    /// assert_eq!(x.sum((0, 1))?.to_scalar::<f32>()?, 10.0);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    sum

    /// Adds up the elements along one or several dimensions, which stay with size 1.
    ///
    #[doc = torch!("sum")]
    sum_keepdim

    /// Averages the elements along one or several dimensions. Floating dtypes.
    ///
    #[doc = torch!("mean")]
    mean

    /// Averages the elements along one or several dimensions, which stay with size 1. Floating dtypes.
    ///
    #[doc = torch!("mean")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[[1f32, 2.0], [3.0, 4.0]], Cpu)?;
    /// assert_eq!(x.mean_keepdim(1)?.to_vec2::<f32>()?, [[1.5], [3.5]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    mean_keepdim

    /// Computes `log(sum(exp(x)))` along one or several dimensions, without overflow. Floating dtypes.
    ///
    #[doc = torch!("logsumexp")]
    log_sum_exp
}

reduce! { Dim;
    /// The largest element along a dimension.
    ///
    #[doc = torch!("amax")]
    max

    /// The largest element along a dimension, which stays with size 1.
    ///
    #[doc = torch!("amax")]
    max_keepdim

    /// The smallest element along a dimension.
    ///
    #[doc = torch!("amin")]
    min

    /// The smallest element along a dimension, which stays with size 1.
    ///
    #[doc = torch!("amin")]
    min_keepdim

    /// The place of the largest element along a dimension, as `u32`.
    ///
    #[doc = torch!("argmax")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let logits = Tensor::new(&[[0.1f32, 0.9], [0.8, 0.2]], Cpu)?;
    /// assert_eq!(logits.argmax(1)?.to_vec1::<u32>()?, [1, 0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    argmax

    /// The place of the largest element along a dimension, which stays with size 1, as `u32`.
    ///
    #[doc = torch!("argmax")]
    argmax_keepdim

    /// The place of the smallest element along a dimension, as `u32`.
    ///
    #[doc = torch!("argmin")]
    argmin

    /// The place of the smallest element along a dimension, which stays with size 1, as `u32`.
    ///
    #[doc = torch!("argmin")]
    argmin_keepdim

    /// The running sum along a dimension; the shape stays. Floating dtypes: computed as a matrix product, so memory grows
    /// with the square of the dimension.
    ///
    #[doc = torch!("cumsum")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[1f32, 2.0, 3.0], Cpu)?;
    /// assert_eq!(x.cumsum(0)?.to_vec1::<f32>()?, [1.0, 3.0, 6.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    cumsum
}

unary! {
    /// Adds up all elements, to a scalar.
    ///
    #[doc = torch!("sum")]
    sum_all

    /// Averages all elements, to a scalar. Floating dtypes.
    ///
    #[doc = torch!("mean")]
    mean_all

    /// The largest of all elements, a scalar.
    ///
    #[doc = torch!("max")]
    max_all

    /// The smallest of all elements, a scalar.
    ///
    #[doc = torch!("min")]
    min_all

    /// The square root of the sum of all squares, a scalar: the Frobenius norm. Floating dtypes.
    ///
    /// Corresponds to [`torch.linalg.vector_norm`](https://docs.pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[[3f32, 4.0], [0.0, 0.0]], Cpu)?;
    /// assert_eq!(x.norm()?.to_scalar::<f32>()?, 5.0);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    norm
}

impl<D: Compute> Tensor<D> {
    /// Computes the variance along a dimension, divided by `n - 1`. Floating dtypes.
    ///
    #[doc = torch!("var")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[1f32, 2.0, 3.0], Cpu)?;
    /// assert_eq!(x.var(0)?.to_scalar::<f32>()?, 1.0);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A dimension of size 0.
    #[inline]
    pub fn var(&self, dim: impl Dim) -> Result<Self> {
        let dim = dim.to_index(self.shape(), "var")?;
        not_zero("var", "size", self.dim(dim)?)?;
        Ok(Self::wrap(self.inner.var(dim)?))
    }

    /// Computes the variance along a dimension, divided by `n - 1`; the dimension stays with size 1. Floating dtypes.
    ///
    #[doc = torch!("var")]
    ///
    /// # Errors
    ///
    /// A dimension of size 0.
    #[inline]
    pub fn var_keepdim(&self, dim: impl Dim) -> Result<Self> {
        let dim = dim.to_index(self.shape(), "var")?;
        not_zero("var", "size", self.dim(dim)?)?;
        Ok(Self::wrap(self.inner.var_keepdim(dim)?))
    }

    /// Sorts along the last dimension: the values, and the places that they had, as `u32`. Not stable.
    ///
    #[doc = torch!("sort")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[0.2f32, 0.7, 0.1], Cpu)?;
    /// let (values, places) = x.sort_last_dim(false)?;
    /// assert_eq!(values.to_vec1::<f32>()?, [0.7, 0.2, 0.1]);
    /// assert_eq!(places.to_vec1::<u32>()?, [1, 0, 2]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A tensor that is not contiguous, or a scalar.
    pub fn sort_last_dim(&self, ascending: bool) -> Result<(Self, Self)> {
        let (values, places) = self.inner.sort_last_dim(ascending)?;
        Ok((Self::wrap(values), Self::wrap(places)))
    }

    /// The places, as `u32`, that sort the last dimension. Not stable.
    ///
    #[doc = torch!("argsort")]
    ///
    /// # Errors
    ///
    /// A tensor that is not contiguous, or a scalar.
    pub fn arg_sort_last_dim(&self, ascending: bool) -> Result<Self> {
        Ok(Self::wrap(self.inner.arg_sort_last_dim(ascending)?))
    }
}
