//! Query, key and value as `in_proj_weight` and `in_proj_bias`:
//! [`torch.nn.MultiheadAttention`](https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html).
//!
//! The field is a struct with the layers `q`, `k` and `v`; what else it has, such as `out_proj`, stays as it is.

use super::fusion::Fusion;
use super::{Signature, Tensors};
use crate::error::Result;

const FUSION: Fusion = Fusion { names: ["in_proj_weight", "in_proj_bias"], is_transposed: false };

/// What the file holds: `in_proj_weight` and `in_proj_bias`, and all else as it is.
///
/// # Errors
///
/// The field lacks `q`, `k` or `v`, or their shapes do not fit together.
pub fn stored(field: &[Signature]) -> Result<Vec<Signature>> {
    FUSION.stored(field)
}

/// The field's tensors.
///
/// # Errors
///
/// Candle's.
pub fn load(field: &[Signature], file: &Tensors) -> Result<Tensors> {
    FUSION.load(field, file)
}

/// The file's tensors.
///
/// # Errors
///
/// Candle's.
pub fn save(field: &Tensors) -> Result<Tensors> {
    FUSION.save(field)
}
