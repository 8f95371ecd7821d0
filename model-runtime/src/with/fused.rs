//! Query, key and value in one layer of the file: one `weight`, one `bias`, stacked along the first dimension.
//!
//! The field is a struct with the layers `q`, `k` and `v`, which need not be of one size; its key in the file is that of the
//! fused layer, such as `qkv` or `query_key_value`. What else the struct has stays as it is.

use super::fusion::Fusion;
use super::{Signature, Tensors};
use crate::error::Result;

const FUSION: Fusion = Fusion { names: ["weight", "bias"], is_transposed: false };

/// What the file holds: `weight` and `bias`, and all else as it is.
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
