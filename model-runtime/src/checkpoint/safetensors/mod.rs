//! The safetensors format: a JSON header with the place of every tensor, then the bytes.

mod header;
mod id;
mod new_file;
mod part;
mod ranges;
mod set;
mod write;

use std::sync::Arc;

use header::{Header, HeaderTensor};

use super::error::{CheckpointError, Result};
use super::format::{Format, Parts, Starts};
use super::record::Record;
use super::scalar_type::{ScalarType, StorageClass};
use super::source::Source;
use super::storage::{NewStorage, Storage, StorageView};
use super::tensor::{Layout, TensorInfo, contiguous_strides};
use super::value::{Dict, Value};

pub(super) use id::SET_KEY;
pub(super) use part::PartName;
pub(crate) use write::{Tensors, check_tensors_only, write};

/// Bytes of the header's length.
const LENGTH_LEN: u64 = 8;
/// Tensors have no device in this format; PyTorch loads them to the CPU.
const LOCATION: &str = "cpu";

/// Types of the format that no tensor here can have, with the bits of one element.
const SUB_BYTE: &[(&str, usize)] = &[("F4", 4), ("F6_E2M3", 6), ("F6_E3M2", 6)];

/// Reads the header of a file that holds whole tensors.
pub(super) fn open(source: &Arc<Source>, first_id: usize) -> Result<Parts> {
    let found = Located::read(source)?;
    part::check(&found.header.metadata, source.path()).map_err(|error| error.at("header"))?;
    found.parts(source, first_id)
}

/// Reads the header of a file that holds parts of tensors, and where in its tensor each starts.
pub(super) fn open_part(source: &Arc<Source>, first_id: usize) -> Result<(Parts, Starts)> {
    let found = Located::read(source)?;
    let starts = part::starts(&found.header.metadata).map_err(|error| error.at("header"))?;
    Ok((found.parts(source, first_id)?, starts))
}

/// A header, and where the bytes after it start.
struct Located {
    header: Header,
    data_start: u64,
}

impl Located {
    fn read(source: &Source) -> Result<Self> {
        let data_start = header_end(source).map_err(|error| error.at("header"))?;
        let json = source.read_vec(LENGTH_LEN, data_start.saturating_sub(LENGTH_LEN))?;
        let data_len = source.len().saturating_sub(data_start);
        ranges::scan(&json, data_len)?;
        let header = Header::parse(&json, source.limits().rank).map_err(|error| error.at("header"))?;
        ranges::check(&header, data_len)?;
        Ok(Self { header, data_start })
    }

    /// The tensors of the file.
    fn parts(self, source: &Arc<Source>, first_id: usize) -> Result<Parts> {
        let Self { header, data_start } = self;
        let mut storages = Vec::with_capacity(header.tensors.len());
        let mut entries = Vec::with_capacity(header.tensors.len());
        let location: Arc<str> = LOCATION.into();
        for (key, tensor) in header.tensors {
            let named = |error: CheckpointError| error.at(format_args!("key `{key}`"));
            let key: Arc<str> = key.as_str().into();
            let id = first_id.saturating_add(storages.len());
            let storage = storage(&key, &tensor, id, source, &location).map_err(named)?;
            let len = tensor.end.saturating_sub(tensor.start);
            storage.set_record(Record::plain(data_start.saturating_add(tensor.start), len));
            storages.push(Arc::clone(&storage));
            entries.push((Value::Str(Arc::clone(&key)), value(tensor, storage).map_err(named)?));
        }
        let unhashable = |_| CheckpointError::damaged("a key is no string");
        let root = Value::Dict(Arc::new(Dict::from_entries(entries).map_err(unhashable)?));
        Ok(Parts { metadata: header.metadata, ..Parts::new(Format::Safetensors, root, storages) })
    }
}

/// The offset of the first byte after the header.
fn header_end(source: &Source) -> Result<u64> {
    let mut length = [0; 8];
    source.read_at(0, &mut length)?;
    let length = u64::from_le_bytes(length);
    let limit = source.limits().safetensors_header_bytes;
    if length > limit {
        return Err(CheckpointError::limit("the header is too long", "safetensors_header_bytes", limit, length));
    }
    let end = LENGTH_LEN.saturating_add(length);
    if end > source.len() {
        let error =
            CheckpointError::damaged("the file ends in its header").fix("the file is cut; copy or download it again");
        return Err(error.expected(format_args!("{length} bytes")).got(source.len().saturating_sub(LENGTH_LEN)));
    }
    Ok(end)
}

fn storage(
    key: &Arc<str>,
    tensor: &HeaderTensor,
    id: usize,
    source: &Arc<Source>,
    location: &Arc<str>,
) -> Result<Arc<Storage>> {
    let got = tensor.end.saturating_sub(tensor.start);
    let too_large = || {
        CheckpointError::unsupported("the tensor does not fit this machine's memory").got(format_args!("{got} bytes"))
    };
    let nbytes = usize::try_from(got).map_err(|_| too_large())?;
    check_length(tensor, nbytes)?;
    let class = ScalarType::from_safetensors_name(&tensor.dtype).map_or(StorageClass::Untyped, StorageClass::Typed);
    let (key, location, source) = (Arc::clone(key), Arc::clone(location), Arc::clone(source));
    Ok(Arc::new(Storage::new(NewStorage { id, key, location, class, nbytes, big_endian: false, source })))
}

/// Compares the bytes with the shape; the length of a type that is not known cannot be checked.
fn check_length(tensor: &HeaderTensor, got: usize) -> Result<()> {
    let overflow =
        || CheckpointError::damaged("the tensor's sizes overflow").got(format_args!("shape {:?}", tensor.shape));
    let product =
        tensor.shape.iter().filter(|dim| **dim != 0).try_fold(1usize, |product, dim| product.checked_mul(*dim));
    let numel = product.map(|product| if tensor.shape.contains(&0) { 0 } else { product }).ok_or_else(overflow)?;
    let sub_byte = SUB_BYTE.iter().find(|(name, _)| *name == tensor.dtype).map(|(_, bits)| *bits);
    let bits = match ScalarType::from_safetensors_name(&tensor.dtype)
        .map(|dtype| dtype.itemsize().saturating_mul(8))
        .or(sub_byte)
    {
        Some(bits) => numel.checked_mul(bits).ok_or_else(overflow)?,
        None => return Ok(()),
    };
    if bits.is_multiple_of(8) && bits / 8 == got {
        return Ok(());
    }
    let error = CheckpointError::damaged("the tensor's bytes do not fit its shape");
    let expected = format!("{} bytes for {} of shape {:?}", bits.div_ceil(8), tensor.dtype, tensor.shape);
    Err(error.expected(expected).got(got))
}

fn value(tensor: HeaderTensor, storage: Arc<Storage>) -> Result<Value> {
    let Some(dtype) = ScalarType::from_safetensors_name(&tensor.dtype) else {
        return Ok(Value::Unreadable(
            CheckpointError::unsupported(format_args!("elements of type `{}`", tensor.dtype)).reason().into(),
        ));
    };
    let shape = tensor.shape;
    let strides = contiguous_strides(&shape)
        .ok_or_else(|| CheckpointError::damaged("the tensor's sizes overflow").got(format_args!("shape {shape:?}")))?;
    let view = StorageView::whole(storage, StorageClass::Typed(dtype));
    TensorInfo::new(Layout { dtype, shape, strides, offset: 0 }, &view, false).map(|info| Value::Tensor(Arc::new(info)))
}

#[cfg(test)]
mod tests;
