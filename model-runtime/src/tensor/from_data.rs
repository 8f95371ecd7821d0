//! New tensors from values: arrays, vectors, iterators, ranges, bytes.

use candle_core::{DType, NdArray, WithDType, shape::ShapeWithOneHole};
use half::{bf16, f16};

use super::{Tensor, doors::handle};
use crate::device::{Compute, Cpu};
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Makes a tensor from a number, or from arrays or vectors nested up to four deep, and takes its shape and dtype.
    ///
    #[doc = torch!("tensor")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[[1f32, 2.0], [3.0, 4.0]], Cpu)?;
    /// assert_eq!((x.dims(), x.dtype()), (&[2, 2][..], DType::F32));
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Nested vectors of unequal lengths, or a device that is not available.
    #[inline]
    pub fn new(array: impl NdArray, device: D) -> Result<Self> {
        let _ = device;
        Ok(Self::wrap(candle_core::Tensor::new(array, &handle::<D>()?)?))
    }

    /// Makes a tensor from values in row-major order, without a copy on the CPU. One size can be left out as `()`.
    ///
    /// Corresponds to `torch.tensor(data).reshape(shape)`, see
    /// [`torch.tensor`](https://docs.pytorch.org/docs/stable/generated/torch.tensor.html).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::from_vec(vec![1u32, 2, 3, 4, 5, 6], (2, ()), Cpu)?;
    /// assert_eq!(x.to_vec2::<u32>()?, [[1, 2, 3], [4, 5, 6]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Another number of values than the shape has, or a device that is not available.
    #[inline]
    pub fn from_vec<T: WithDType>(data: Vec<T>, shape: impl ShapeWithOneHole, device: D) -> Result<Self> {
        let _ = device;
        Ok(Self::wrap(candle_core::Tensor::from_vec(data, shape, &handle::<D>()?)?))
    }

    /// Makes a tensor from a copy of values in row-major order. One size can be left out as `()`.
    ///
    /// Corresponds to `torch.tensor(data).reshape(shape)`, see
    /// [`torch.tensor`](https://docs.pytorch.org/docs/stable/generated/torch.tensor.html).
    ///
    /// # Errors
    ///
    /// Another number of values than the shape has, or a device that is not available.
    #[inline]
    pub fn from_slice<T: WithDType>(data: &[T], shape: impl ShapeWithOneHole, device: D) -> Result<Self> {
        let _ = device;
        Ok(Self::wrap(candle_core::Tensor::from_slice(data, shape, &handle::<D>()?)?))
    }

    /// Makes a tensor of one dimension from an iterator.
    ///
    /// Corresponds to `torch.tensor(list(iter))`, see
    /// [`torch.tensor`](https://docs.pytorch.org/docs/stable/generated/torch.tensor.html).
    ///
    /// # Errors
    ///
    /// The device is not available, or has not enough memory.
    #[inline]
    pub fn from_iter<T: WithDType>(iter: impl IntoIterator<Item = T>, device: D) -> Result<Self> {
        let _ = device;
        Ok(Self::wrap(candle_core::Tensor::from_iter(iter, &handle::<D>()?)?))
    }

    /// Makes a tensor from the bytes of its elements in row-major order, little-endian.
    ///
    #[doc = torch!("frombuffer")]
    ///
    /// # Errors
    ///
    /// Another number of bytes than shape and dtype have, or a device that is not available.
    pub fn from_raw_buffer(data: &[u8], dtype: DType, shape: &[usize], device: D) -> Result<Self> {
        let _ = device;
        let size = shape.iter().try_fold(dtype.size_in_bytes(), |size, &dim| size.checked_mul(dim));
        // The dtypes below a byte have no size of their own in candle: it takes the buffer as it is.
        if dtype.size_in_bytes() > 0 && size != Some(data.len()) {
            let dtype = dtype.as_str();
            let text = format!("from_raw_buffer, expected: {shape:?} of {dtype}, got: {} bytes", data.len());
            return Err(candle_core::Error::Msg(text).into());
        }
        Ok(Self::wrap(candle_core::Tensor::from_raw_buffer(data, dtype, shape, &handle::<D>()?)?))
    }

    /// Makes the tensor `start, start + 1, ...` up to and without `end`; their type gives the dtype.
    ///
    #[doc = torch!("arange")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let positions = Tensor::arange(0u32, 4, Cpu)?;
    /// assert_eq!(positions.to_vec1::<u32>()?, [0, 1, 2, 3]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The device is not available, or has not enough memory.
    #[inline]
    pub fn arange<T: WithDType>(start: T, end: T, device: D) -> Result<Self> {
        Self::arange_step(start, end, T::one(), device)
    }

    /// Makes the tensor `start, start + step, ...` up to and without `end`; their type gives the dtype.
    ///
    #[doc = torch!("arange")]
    /// As there, element `i` of a floating dtype is `start + i * step`, rounded once. candle's own `arange_step` adds
    /// `step` again and again, which drifts, and never ends in `f16` and `bf16` once `step` is lost in rounding.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::arange_step(2f32, 4.0, 0.5, Cpu)?;
    /// assert_eq!(x.to_vec1::<f32>()?, [2.0, 2.5, 3.0, 3.5]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A step of zero, bounds that are not finite, or a device that is not available.
    pub fn arange_step<T: WithDType>(start: T, end: T, step: T, device: D) -> Result<Self> {
        if T::DTYPE.is_int() {
            let _ = device;
            return Ok(Self::wrap(candle_core::Tensor::arange_step(start, end, step, &handle::<D>()?)?));
        }
        let values = float_range(start.to_f64(), end.to_f64(), step.to_f64())?;
        Self::from_iter(values.map(T::from_f64), device)
    }
}

/// The values of [`torch.arange`](https://docs.pytorch.org/docs/stable/generated/torch.arange.html) for floating dtypes.
pub(super) fn float_range(start: f64, end: f64, step: f64) -> Result<impl Iterator<Item = f64>> {
    let len = ((end - start) / step).ceil();
    // A tensor that long does not fit into any memory.
    if !len.is_finite() || len > u32::MAX as f64 * 1024.0 {
        let text = format!("arange, expected: finite bounds and a step that is not zero, got: {start}, {end}, {step}");
        return Err(candle_core::Error::Msg(text).into());
    }
    Ok((0..len.max(0.0) as u64).map(move |i| start + i as f64 * step))
}

/// Values on the CPU as a tensor on the CPU. No other device has such a conversion: it would not say where it goes.
impl<T: WithDType> TryFrom<Vec<T>> for Tensor<Cpu> {
    type Error = crate::Error;

    fn try_from(values: Vec<T>) -> Result<Self> {
        let len = values.len();
        Self::from_vec(values, len, Cpu)
    }
}

/// Values on the CPU as a tensor on the CPU.
impl<T: WithDType> TryFrom<&[T]> for Tensor<Cpu> {
    type Error = crate::Error;

    fn try_from(values: &[T]) -> Result<Self> {
        Self::from_slice(values, values.len(), Cpu)
    }
}

macro_rules! try_from_number {
    ($($number:ty)*) => {$(
        /// A number as a scalar on the CPU.
        impl TryFrom<$number> for Tensor<Cpu> {
            type Error = crate::Error;

            fn try_from(value: $number) -> Result<Self> {
                Self::new(value, Cpu)
            }
        }
    )*};
}

try_from_number!(u8 u32 i16 i32 i64 f16 bf16 f32 f64);
