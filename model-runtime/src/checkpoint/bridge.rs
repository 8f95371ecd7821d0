//! The bridge between the bytes of a checkpoint and candle's tensors, and the only place that knows both.

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use candle_core::backend::BackendStorage;
use candle_core::op::BackpropOp;
use candle_core::{CpuStorage, DType, Device, Storage, Tensor};

use super::replace::Failure;
use super::scalar_type::StorageClass;
use super::tensor::Layout;
use super::widen::widening;
use super::{CheckpointError, ScalarType, StorageData, StorageView, TensorInfo};
use crate::checkpoint;
use crate::device::AnyDevice;
use crate::error::{Error, Result, Unsupported};

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

/// Bytes that come from another device, or are converted, at a time.
const PIECE: usize = 8 << 20;

/// The candle dtype of a PyTorch one. A `bool` is a `u8`.
///
/// # Errors
///
/// Candle lacks the dtype.
pub(crate) fn dtype(scalar_type: ScalarType) -> Result<DType> {
    let same_bytes = if scalar_type == ScalarType::Bool { ScalarType::UInt8 } else { scalar_type };
    let pair = DTYPES.iter().find(|(scalar, _)| *scalar == same_bytes);
    pair.map(|(_, dtype)| *dtype).ok_or_else(|| {
        let fix = match widening(scalar_type) {
            Some(wide) => format!("`LoadOptions::widen(true)` and `StateDict::widen` read it as `{wide}`"),
            None => "none holds all of its values, and `Checkpoint::raw_state_dict` has its bytes".to_owned(),
        };
        Error::from(Unsupported::new(format_args!("candle has no dtype for `{scalar_type}`")).fix(fix))
    })
}

/// The PyTorch dtype of a candle one.
///
/// # Errors
///
/// The block formats, whose elements are no whole number of bytes.
pub(crate) fn scalar_type(dtype: DType) -> Result<ScalarType> {
    let pair = DTYPES.iter().find(|(_, candle)| *candle == dtype);
    let name = dtype.as_str();
    pair.map(|(scalar, _)| *scalar)
        .ok_or_else(|| Error::unsupported(format_args!("no file format has the dtype `{name}`")))
}

/// The CPU tensor of these elements, which are row-major; a variable if it is to be one.
pub(crate) fn of_storage(storage: CpuStorage, shape: &[usize], is_variable: bool) -> Tensor {
    Tensor::from_storage(Storage::Cpu(storage), shape, BackpropOp::none(), is_variable)
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

/// Whether two tensors hold the same bytes, row-major; those of contiguous ones on the CPU are compared where they are.
///
/// # Errors
///
/// A device that cannot be read.
pub(crate) fn same_bytes(a: &Tensor, b: &Tensor) -> Result<bool> {
    let ((a_storage, a_layout), (b_storage, b_layout)) = (a.storage_and_layout(), b.storage_and_layout());
    if let (Storage::Cpu(a), Storage::Cpu(b), Some((a_start, a_end)), Some((b_start, b_end))) =
        (&*a_storage, &*b_storage, a_layout.contiguous_offsets(), b_layout.contiguous_offsets())
        && let Some(is_same) = same_elements(a, a_start..a_end, b, b_start..b_end)
    {
        return Ok(is_same);
    }
    drop((a_storage, b_storage));
    Ok(bytes(a)? == bytes(b)?)
}

/// Compares bits, so that a NaN is itself; `None` for dtypes whose elements cannot be looked at as bytes.
fn same_elements(a: &CpuStorage, a_range: Range<usize>, b: &CpuStorage, b_range: Range<usize>) -> Option<bool> {
    fn same<T: bytemuck::NoUninit>(a: Option<&[T]>, b: Option<&[T]>) -> Option<bool> {
        Some(bytemuck::cast_slice::<T, u8>(a?) == bytemuck::cast_slice::<T, u8>(b?))
    }
    match (a, b) {
        (CpuStorage::U8(a), CpuStorage::U8(b)) => same(a.get(a_range), b.get(b_range)),
        (CpuStorage::U32(a), CpuStorage::U32(b)) => same(a.get(a_range), b.get(b_range)),
        (CpuStorage::I16(a), CpuStorage::I16(b)) => same(a.get(a_range), b.get(b_range)),
        (CpuStorage::I32(a), CpuStorage::I32(b)) => same(a.get(a_range), b.get(b_range)),
        (CpuStorage::I64(a), CpuStorage::I64(b)) => same(a.get(a_range), b.get(b_range)),
        (CpuStorage::BF16(a), CpuStorage::BF16(b)) => same(a.get(a_range), b.get(b_range)),
        (CpuStorage::F16(a), CpuStorage::F16(b)) => same(a.get(a_range), b.get(b_range)),
        (CpuStorage::F32(a), CpuStorage::F32(b)) => same(a.get(a_range), b.get(b_range)),
        (CpuStorage::F64(a), CpuStorage::F64(b)) => same(a.get(a_range), b.get(b_range)),
        _ => None,
    }
}

/// The storage under a candle tensor. Nothing is copied before it is saved.
struct InMemory {
    tensor: Tensor,
}

impl StorageData for InMemory {
    fn write_to(&self, range: Range<usize>, out: &mut dyn Write) -> std::result::Result<(), Failure> {
        if let Storage::Cpu(storage) = &*self.tensor.storage_and_layout().0 {
            return write_cpu(storage, range, out);
        }
        let flat = self.tensor.is_contiguous() && self.tensor.layout().start_offset() == 0;
        if flat { self.write_pieces(range, out) } else { write_cpu(&self.on_cpu().map_err(unreadable)?, range, out) }
    }

    fn identity(&self) -> usize {
        std::ptr::from_ref(&*self.tensor.storage_and_layout().0).addr()
    }
}

impl InMemory {
    /// A tensor that is all of its storage comes from its device a piece at a time.
    fn write_pieces(&self, range: Range<usize>, out: &mut dyn Write) -> std::result::Result<(), Failure> {
        let width = self.tensor.dtype().size_in_bytes().max(1);
        let flat = self.tensor.flatten_all().map_err(|error| unreadable(error.into()))?;
        let (mut at, end) = (range.start / width, range.end / width);
        while at < end {
            let len = (end - at).min(PIECE / width);
            let piece = flat.narrow(0, at, len).and_then(|piece| piece.to_device(&Device::Cpu));
            let piece = piece.map_err(|error| unreadable(error.into()))?;
            if let Storage::Cpu(storage) = &*piece.storage_and_layout().0 {
                write_cpu(storage, 0..len * width, out)?;
            }
            at += len;
        }
        Ok(())
    }

    /// All of the storage, whatever part of it the tensor is.
    fn on_cpu(&self) -> Result<CpuStorage> {
        Ok(match &*self.tensor.storage_and_layout().0 {
            Storage::Cpu(storage) => storage.to_cpu_storage(),
            Storage::Cuda(storage) => storage.to_cpu_storage(),
            Storage::Metal(storage) => storage.to_cpu_storage(),
        }?)
    }
}

fn unreadable(error: Error) -> CheckpointError {
    CheckpointError::io("cannot read the tensor", std::io::Error::other(error))
}

/// Writes the bytes of `range`, little-endian, from where they lie.
fn write_cpu(storage: &CpuStorage, range: Range<usize>, out: &mut dyn Write) -> std::result::Result<(), Failure> {
    Ok(match storage {
        CpuStorage::U8(all) => write_elements(all, range, out),
        CpuStorage::U32(all) => write_elements(all, range, out),
        CpuStorage::I16(all) => write_elements(all, range, out),
        CpuStorage::I32(all) => write_elements(all, range, out),
        CpuStorage::I64(all) => write_elements(all, range, out),
        CpuStorage::BF16(all) => write_elements(all, range, out),
        CpuStorage::F16(all) => write_elements(all, range, out),
        CpuStorage::F32(all) => write_elements(all, range, out),
        CpuStorage::F64(all) => write_elements(all, range, out),
        CpuStorage::F8E4M3(all) => {
            // The only type that cannot be looked at as bytes where it is.
            let pieces = all.get(range).unwrap_or_default().chunks(PIECE);
            let bits = pieces.map(|piece| piece.iter().map(|element| element.to_bits()).collect::<Vec<u8>>());
            bits.into_iter().try_for_each(|bits| out.write_all(&bits))
        }
        CpuStorage::F6E2M3(all) | CpuStorage::F6E3M2(all) | CpuStorage::F4(all) | CpuStorage::F8E8M0(all) => {
            write_elements(all, range, out)
        }
    }?)
}

/// Writes the bytes of `range`, which does not cut an element.
fn write_elements<T: bytemuck::NoUninit>(all: &[T], range: Range<usize>, out: &mut dyn Write) -> std::io::Result<()> {
    let bytes: &[u8] = bytemuck::cast_slice(all);
    let bytes = bytes.get(range).unwrap_or_default();
    if cfg!(target_endian = "little") {
        return out.write_all(bytes);
    }
    for piece in bytes.chunks(PIECE) {
        let mut piece = piece.to_vec();
        piece.chunks_exact_mut(size_of::<T>()).for_each(<[u8]>::reverse);
        out.write_all(&piece)?;
    }
    Ok(())
}

/// A candle tensor as one of a checkpoint that is to be saved: the same view of the same storage, on the device where it
/// is.
///
/// # Errors
///
/// A dtype that no file format has.
pub(crate) fn tensor_info(tensor: &Tensor, requires_grad: bool) -> Result<TensorInfo> {
    let dtype = scalar_type(tensor.dtype())?;
    let (offset, shape, strides) = (tensor.layout().start_offset(), tensor.dims().to_vec(), tensor.stride().to_vec());
    let reach = shape.iter().zip(&strides).map(|(dim, stride)| dim.saturating_sub(1).saturating_mul(*stride));
    let extent = if shape.contains(&0) { 0 } else { reach.sum::<usize>().saturating_add(1) };
    let nbytes = offset.saturating_add(extent).saturating_mul(dtype.itemsize());
    let data = Arc::new(InMemory { tensor: tensor.detach() });
    let location = AnyDevice::of(tensor.device()).location().into();
    let storage = Arc::new(checkpoint::Storage::of_data(dtype, location, nbytes, data));
    let view = StorageView::whole(storage, StorageClass::Typed(dtype));
    Ok(TensorInfo::new(Layout { dtype, shape, strides, offset }, &view, requires_grad)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_are_the_same_by_their_bits_wherever_they_begin() {
        let of = |values: &[f32]| Tensor::from_slice(values, values.len(), &Device::Cpu).unwrap();
        let (a, b) = (of(&[f32::NAN, 1.0, -0.0]), of(&[9.0, f32::NAN, 1.0, -0.0]));
        assert!(same_bytes(&a, &b.narrow(0, 1, 3).unwrap()).unwrap());
        assert!(!same_bytes(&a, &b.narrow(0, 0, 3).unwrap()).unwrap());
        assert!(!same_bytes(&a, &b).unwrap());
        assert!(!same_bytes(&of(&[0.0]), &of(&[-0.0])).unwrap());
        let square = of(&[1.0, 2.0, 3.0, 4.0]).reshape((2, 2)).unwrap();
        assert!(same_bytes(&square.t().unwrap(), &of(&[1.0, 3.0, 2.0, 4.0])).unwrap());
        for dtype in [DType::U8, DType::I64, DType::F16, DType::BF16, DType::F64, DType::F8E4M3] {
            let [one, same, other] = [[1f32, 2.0], [1.0, 2.0], [1.0, 3.0]].map(|v| of(&v).to_dtype(dtype).unwrap());
            assert!(same_bytes(&one, &same).unwrap(), "{dtype:?}");
            assert!(!same_bytes(&one, &other).unwrap(), "{dtype:?}");
        }
    }
}
