//! New tensors from a shape: `zeros`, `ones`, `full`, random values, triangles.
//!
//! The last argument is the device: `Tensor::zeros((2, 3), DType::F32, Cpu)?` is a `Tensor<Cpu>`. Beside another
//! tensor, its own [`device`](Tensor::device) is the one to hand over: `Tensor::zeros(4, DType::F32, x.device())?`.

use candle_core::{DType, FloatDType, Shape, WithDType};

use super::{Tensor, doors::handle};
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Makes a tensor of zeros.
    ///
    #[doc = torch!("zeros")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::zeros((2, 3), DType::F32, Cpu)?;
    /// assert_eq!(x.to_vec2::<f32>()?, [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The device is not available, or has not enough memory.
    #[inline]
    pub fn zeros(shape: impl Into<Shape>, dtype: DType, device: D) -> Result<Self> {
        let _ = device;
        Ok(Self::wrap(candle_core::Tensor::zeros(shape, dtype, &handle::<D>()?)?))
    }

    /// Makes a tensor of ones.
    ///
    #[doc = torch!("ones")]
    ///
    /// # Errors
    ///
    /// The device is not available, or has not enough memory.
    #[inline]
    pub fn ones(shape: impl Into<Shape>, dtype: DType, device: D) -> Result<Self> {
        let _ = device;
        Ok(Self::wrap(candle_core::Tensor::ones(shape, dtype, &handle::<D>()?)?))
    }

    /// Makes a tensor of one value; its type gives the dtype.
    ///
    #[doc = torch!("full")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::full(3.5f32, (1, 2), Cpu)?;
    /// assert_eq!(x.to_vec2::<f32>()?, [[3.5, 3.5]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The device is not available, or has not enough memory.
    #[inline]
    pub fn full<T: WithDType>(value: T, shape: impl Into<Shape>, device: D) -> Result<Self> {
        let _ = device;
        Ok(Self::wrap(candle_core::Tensor::full(value, shape, &handle::<D>()?)?))
    }

    /// Makes a tensor of values that are uniformly distributed in `lo..up`; their type gives the dtype.
    ///
    #[doc = torch!("rand")]
    ///
    /// candle's generator for the CPU cannot be seeded.
    ///
    /// # Errors
    ///
    /// The device is not available, or has not enough memory.
    #[inline]
    pub fn rand<T: FloatDType>(lo: T, up: T, shape: impl Into<Shape>, device: D) -> Result<Self> {
        let _ = device;
        Ok(Self::wrap(candle_core::Tensor::rand(lo, up, shape, &handle::<D>()?)?))
    }

    /// Makes a tensor of normally distributed values; the type of `mean` and `std` gives the dtype.
    ///
    #[doc = torch!("randn")]
    ///
    /// candle's generator for the CPU cannot be seeded.
    ///
    /// # Errors
    ///
    /// The device is not available, or has not enough memory.
    #[inline]
    pub fn randn<T: FloatDType>(mean: T, std: T, shape: impl Into<Shape>, device: D) -> Result<Self> {
        let _ = device;
        Ok(Self::wrap(candle_core::Tensor::randn(mean, std, shape, &handle::<D>()?)?))
    }

    /// Makes the identity matrix of shape `(n, n)`.
    ///
    #[doc = torch!("eye")]
    ///
    /// # Errors
    ///
    /// The device is not available, or has not enough memory.
    #[inline]
    pub fn eye(n: usize, dtype: DType, device: D) -> Result<Self> {
        let _ = device;
        Ok(Self::wrap(candle_core::Tensor::eye(n, dtype, &handle::<D>()?)?))
    }

    /// Makes a matrix of shape `(n, n)` with ones on and below the diagonal: the positions that causal attention sees.
    ///
    /// Corresponds to `torch.ones(n, n).tril()`, see
    /// [`torch.tril`](https://docs.pytorch.org/docs/stable/generated/torch.tril.html).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let seen = Tensor::tril2(3, DType::U8, Cpu)?;
    /// assert_eq!(seen.to_vec2::<u8>()?, [[1, 0, 0], [1, 1, 0], [1, 1, 1]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The device is not available, or has not enough memory.
    #[inline]
    pub fn tril2(n: usize, dtype: DType, device: D) -> Result<Self> {
        let _ = device;
        Ok(Self::wrap(candle_core::Tensor::tril2(n, dtype, &handle::<D>()?)?))
    }

    /// Makes a matrix of shape `(n, n)` with ones on and above the diagonal.
    ///
    /// Corresponds to `torch.ones(n, n).triu()`, see
    /// [`torch.triu`](https://docs.pytorch.org/docs/stable/generated/torch.triu.html).
    ///
    /// # Errors
    ///
    /// The device is not available, or has not enough memory.
    #[inline]
    pub fn triu2(n: usize, dtype: DType, device: D) -> Result<Self> {
        let _ = device;
        Ok(Self::wrap(candle_core::Tensor::triu2(n, dtype, &handle::<D>()?)?))
    }
}
