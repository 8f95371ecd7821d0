//! The bridge between the bytes of a checkpoint and candle's tensors, and the only place that knows both.

use candle_core::{DType, Device, Tensor};

use super::ScalarType;
use crate::error::{Error, Result};

/// The pairs of a PyTorch and a candle dtype that have the same bytes, both ways.
const DTYPES: &[(ScalarType, DType)] = &[
    (ScalarType::Float64, DType::F64),
    (ScalarType::Float32, DType::F32),
    (ScalarType::Float16, DType::F16),
    (ScalarType::BFloat16, DType::BF16),
    (ScalarType::Float8E4M3Fn, DType::F8E4M3),
    (ScalarType::Int64, DType::I64),
    (ScalarType::Int32, DType::I32),
    (ScalarType::Int16, DType::I16),
    (ScalarType::UInt32, DType::U32),
    (ScalarType::UInt8, DType::U8),
];

/// The candle dtype of a PyTorch one. A `bool` is a `u8`.
///
/// # Errors
///
/// Candle lacks the dtype.
pub(crate) fn dtype(scalar_type: ScalarType) -> Result<DType> {
    let same_bytes = if scalar_type == ScalarType::Bool { ScalarType::UInt8 } else { scalar_type };
    let pair = DTYPES.iter().find(|(scalar, _)| *scalar == same_bytes);
    pair.map(|(_, dtype)| *dtype).ok_or_else(|| Error::Unsupported(format!("candle has no dtype for `{scalar_type}`")))
}

/// The PyTorch dtype of a candle one.
///
/// # Errors
///
/// The block formats, whose elements are no whole number of bytes.
pub(crate) fn scalar_type(dtype: DType) -> Result<ScalarType> {
    let pair = DTYPES.iter().find(|(_, candle)| *candle == dtype);
    let name = dtype.as_str();
    pair.map(|(scalar, _)| *scalar).ok_or_else(|| Error::Unsupported(format!("no file format has the dtype `{name}`")))
}

/// The CPU tensor of these bytes: row-major, little-endian.
///
/// # Errors
///
/// Candle lacks the dtype.
pub(crate) fn tensor(scalar_type: ScalarType, shape: &[usize], bytes: &[u8]) -> Result<Tensor> {
    Ok(Tensor::from_raw_buffer(bytes, dtype(scalar_type)?, shape, &Device::Cpu)?)
}

/// The bytes of a tensor: row-major, little-endian.
///
/// # Errors
///
/// A device that cannot be read.
pub(crate) fn bytes(tensor: &Tensor) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(tensor.elem_count() * tensor.dtype().size_in_bytes());
    tensor.detach().to_device(&Device::Cpu)?.write_bytes(&mut bytes)?;
    Ok(bytes)
}
