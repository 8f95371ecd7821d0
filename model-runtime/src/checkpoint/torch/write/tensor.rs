//! Tensors, parameters and storages, as the calls that PyTorch's `__reduce_ex__` gives for them.

use super::storages::Storages;
use crate::checkpoint::error::Result;
use crate::checkpoint::pickle::{Encoder, Identity, OpCode};
use crate::checkpoint::scalar_type::{ScalarType, StorageClass};
use crate::checkpoint::storage::Storage;
use crate::checkpoint::tensor::TensorInfo;

/// The module of the functions that make tensors.
pub(super) const UTILS: &str = "torch._utils";

/// A tensor, or a parameter around one, to which Python code added nothing.
pub(super) fn tensor(
    encoder: &mut Encoder,
    storages: &mut Storages,
    tensor: &TensorInfo,
    identity: Identity,
) -> Result<()> {
    if !tensor.is_parameter() {
        return plain(encoder, storages, tensor, tensor.requires_grad(), Some(identity));
    }
    encoder.global(UTILS, "_rebuild_parameter")?;
    plain(encoder, storages, tensor, false, None)?;
    flags(encoder, tensor.requires_grad())?;
    encoder.tuple(3, None);
    encoder.op(OpCode::Reduce);
    encoder.put(Some(identity));
    Ok(())
}

/// The data of a tensor: the call of one of the three functions.
pub(super) fn plain(
    encoder: &mut Encoder,
    storages: &mut Storages,
    tensor: &TensorInfo,
    requires_grad: bool,
    identity: Option<Identity>,
) -> Result<()> {
    function(encoder, storages, tensor)?;
    arguments(encoder, storages, tensor, requires_grad)?;
    encoder.op(OpCode::Reduce);
    encoder.put(identity);
    Ok(())
}

/// `_rebuild_tensor_v2`, `_v3` for storages of bytes, or the function of tensors without a storage.
pub(super) fn function(encoder: &mut Encoder, storages: &mut Storages, tensor: &TensorInfo) -> Result<()> {
    let name = if tensor.is_meta() {
        "_rebuild_meta_tensor_no_storage"
    } else if is_untyped(storages, tensor)? {
        "_rebuild_tensor_v3"
    } else {
        "_rebuild_tensor_v2"
    };
    encoder.global(UTILS, name)
}

/// `(storage, offset, size, stride, requires_grad, hooks)`, for storages of bytes with the dtype behind it; without a
/// storage `(dtype, size, stride, requires_grad)`.
pub(super) fn arguments(
    encoder: &mut Encoder,
    storages: &mut Storages,
    tensor: &TensorInfo,
    requires_grad: bool,
) -> Result<()> {
    encoder.op(OpCode::Mark);
    if tensor.is_meta() {
        dtype(encoder, tensor.dtype())?;
    } else {
        storage(encoder, storages, tensor.storage())?;
        encoder.size(tensor.offset())?;
    }
    encoder.sizes(tensor.shape())?;
    encoder.sizes(tensor.strides())?;
    if tensor.is_meta() {
        encoder.bool(requires_grad);
    } else {
        flags(encoder, requires_grad)?;
        if is_untyped(storages, tensor)? {
            dtype(encoder, tensor.dtype())?;
        }
    }
    encoder.op(OpCode::Tuple);
    encoder.put(None);
    Ok(())
}

fn is_untyped(storages: &mut Storages, tensor: &TensorInfo) -> Result<bool> {
    Ok(storages.key(tensor.storage())?.class == StorageClass::Untyped)
}

/// Whether gradients are required, and the hooks, of which there are none.
pub(super) fn flags(encoder: &mut Encoder, requires_grad: bool) -> Result<()> {
    encoder.bool(requires_grad);
    encoder.ordered_dict(None)
}

/// The persistent id `("storage", class, key, location, numel)`.
pub(super) fn storage(encoder: &mut Encoder, storages: &mut Storages, storage: &Storage) -> Result<()> {
    let slot = storages.key(storage)?;
    let key = slot.key.unwrap_or_default().to_string();
    encoder.op(OpCode::Mark);
    encoder.constant("storage")?;
    let (module, class) = class(slot.class);
    encoder.global(module, class)?;
    // `str(3)` makes a new string even of one digit.
    encoder.utf8(key.as_bytes(), Some(Identity::Object("storage key", storage.identity())))?;
    // `_cpu_tag` and its like return a constant; the tag with a number is a new string each time.
    if slot.location.contains(':') {
        encoder.utf8(slot.location.as_bytes(), None)?;
    } else {
        encoder.constant(&slot.location)?;
    }
    encoder.size(slot.numel())?;
    encoder.op(OpCode::Tuple);
    encoder.put(None);
    encoder.op(OpCode::BinPersId);
    Ok(())
}

/// `torch.float32`.
pub(super) fn dtype(encoder: &mut Encoder, dtype: ScalarType) -> Result<()> {
    encoder.global("torch", dtype.name())
}

fn class(class: StorageClass) -> (&'static str, &'static str) {
    match class.name() {
        Some(name) => ("torch", name),
        None => ("torch.storage", "UntypedStorage"),
    }
}
