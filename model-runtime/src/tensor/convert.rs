//! Other dtypes and memory layouts, and the way out to numbers and vectors.

use candle_core::{DType, WithDType};
use half::{bf16, f16};

use super::Tensor;
use super::unary::unary;
use crate::device::Compute;
use crate::error::Result;

unary! {
    /// Returns the tensor in row-major order without gaps: itself if it is so already, else a copy.
    ///
    /// Corresponds to
    /// [`torch.Tensor.contiguous`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.contiguous.html).
    contiguous

    /// Returns a copy in row-major order without gaps, even if the tensor is so already.
    ///
    /// Corresponds to `x.clone(memory_format=torch.contiguous_format)`, see
    /// [`torch.clone`](https://docs.pytorch.org/docs/stable/generated/torch.clone.html).
    force_contiguous

    /// Returns a copy with its own storage, which [`clone`](Clone::clone) shares.
    ///
    #[doc = torch!("clone")]
    copy
}

impl<D: Compute> Tensor<D> {
    /// Converts the elements to another dtype. Nothing is copied if it is the same.
    ///
    /// Corresponds to [`torch.Tensor.to`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[1.75f32, -1.0], Cpu)?;
    /// assert_eq!(x.to_dtype(DType::I64)?.to_vec1::<i64>()?, [1, -1]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A conversion that the device does not have.
    #[inline]
    pub fn to_dtype(&self, dtype: DType) -> Result<Self> {
        Ok(Self::wrap(self.inner.to_dtype(dtype)?))
    }

    /// The number in a scalar.
    ///
    /// Corresponds to [`torch.Tensor.item`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.item.html).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let loss = Tensor::new(0.5f32, Cpu)?;
    /// assert_eq!(loss.to_scalar::<f32>()?, 0.5);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A tensor with dimensions, or a type that is not the dtype.
    #[inline]
    pub fn to_scalar<T: WithDType>(&self) -> Result<T> {
        Ok(self.inner.to_scalar()?)
    }

    /// The number in a scalar: another name of [`to_scalar`](Tensor::to_scalar).
    ///
    /// # Errors
    ///
    /// A tensor with dimensions, or a type that is not the dtype.
    #[inline]
    pub fn to_vec0<T: WithDType>(&self) -> Result<T> {
        Ok(self.inner.to_vec0()?)
    }

    /// The elements of a tensor with one dimension.
    ///
    /// Corresponds to [`torch.Tensor.tolist`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.tolist.html).
    ///
    /// # Errors
    ///
    /// Another number of dimensions, or a type that is not the dtype.
    #[inline]
    pub fn to_vec1<T: WithDType>(&self) -> Result<Vec<T>> {
        Ok(self.inner.to_vec1()?)
    }

    /// The rows of a tensor with two dimensions.
    ///
    /// Corresponds to [`torch.Tensor.tolist`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.tolist.html).
    ///
    /// # Errors
    ///
    /// Another number of dimensions, or a type that is not the dtype.
    #[inline]
    pub fn to_vec2<T: WithDType>(&self) -> Result<Vec<Vec<T>>> {
        Ok(self.inner.to_vec2()?)
    }

    /// The nested elements of a tensor with three dimensions.
    ///
    /// Corresponds to [`torch.Tensor.tolist`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.tolist.html).
    ///
    /// # Errors
    ///
    /// Another number of dimensions, or a type that is not the dtype.
    #[inline]
    pub fn to_vec3<T: WithDType>(&self) -> Result<Vec<Vec<Vec<T>>>> {
        Ok(self.inner.to_vec3()?)
    }
}

/// `f32::try_from(&x)`, `Vec::<f32>::try_from(x)` and so on, for zero to three dimensions.
macro_rules! try_from_tensor {
    ($($element:ty)*) => {$(
        try_from_tensor!($element, to_vec0);
        try_from_tensor!(Vec<$element>, to_vec1);
        try_from_tensor!(Vec<Vec<$element>>, to_vec2);
        try_from_tensor!(Vec<Vec<Vec<$element>>>, to_vec3);
    )*};
    ($to:ty, $method:ident) => {
        impl<D: Compute> TryFrom<&Tensor<D>> for $to {
            type Error = crate::Error;

            fn try_from(tensor: &Tensor<D>) -> Result<Self> {
                tensor.$method()
            }
        }

        impl<D: Compute> TryFrom<Tensor<D>> for $to {
            type Error = crate::Error;

            fn try_from(tensor: Tensor<D>) -> Result<Self> {
                tensor.$method()
            }
        }
    };
}

try_from_tensor!(u8 u32 i16 i32 i64 f16 bf16 f32 f64);
