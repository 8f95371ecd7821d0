//! The functions whose tensors cannot be read, with what to do about each.

use crate::checkpoint::error::CheckpointError;

/// Tensors that PyTorch can save and this reader refuses, with what to do about each.
const REFUSED: &[(&str, &str)] = &[
    ("torch._utils._rebuild_sparse_tensor", "a sparse tensor; save `tensor.to_dense()` instead"),
    ("torch._utils._rebuild_sparse_csr_tensor", "a sparse tensor; save `tensor.to_dense()` instead"),
    ("torch._utils._rebuild_qtensor", "a quantised tensor; save `tensor.dequantize()` instead"),
    ("torch._utils._rebuild_nested_tensor", "a nested tensor; save its parts instead"),
    (
        "torch._utils._rebuild_wrapper_subclass",
        "a tensor subclass without a storage of its own; save the tensors inside",
    ),
    ("torch._utils._rebuild_device_tensor_from_numpy", "a tensor saved as a numpy array; save `tensor.cpu()` instead"),
    ("torch._utils._rebuild_xla_tensor", "a tensor saved as a numpy array; save `tensor.cpu()` instead"),
];

/// The error of a function that is in the list, or that is not known.
pub(super) fn refused(name: &str) -> CheckpointError {
    match REFUSED.iter().find(|(refused, _)| *refused == name) {
        Some((_, what)) => CheckpointError::unsupported(what),
        None => CheckpointError::unsupported(format_args!("a tensor made by `{name}`, which is not known")),
    }
}
