//! Query, key and value in one `Conv1D` of the file: Hugging Face's GPT-2 has them as `c_attn`.
//!
//! As [`fused`](super::fused), with the weight transposed: `[in, 3 * out]`.

use super::fusion::Fusion;
use super::{Signature, Tensors};
use crate::error::Result;

const FUSION: Fusion = Fusion { names: ["weight", "bias"], is_transposed: true };

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
