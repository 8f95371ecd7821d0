//! Weights that the file holds as a length and a direction: [`torch.nn.utils.parametrizations.weight_norm`](https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.weight_norm.html).
//!
//! As [`super::weight_norm`], under the names `parametrizations.weight.original0` for the length and
//! `parametrizations.weight.original1` for the direction.

use super::{Signature, Tensors, weight_norm};
use crate::error::Result;

/// The names of the length and the direction.
const NAMES: [&str; 2] = ["parametrizations.weight.original0", "parametrizations.weight.original1"];

/// What the file holds: `parametrizations.weight.original0` and `original1` for each weight.
///
/// # Errors
///
/// The field has no weight of two or more dimensions.
pub fn stored(field: &[Signature]) -> Result<Vec<Signature>> {
    weight_norm::stored_as(field, NAMES)
}

/// The field's tensors.
///
/// # Errors
///
/// Candle's.
pub fn load(field: &[Signature], file: &Tensors) -> Result<Tensors> {
    weight_norm::load_as(field, file, NAMES)
}

/// The file's tensors.
///
/// # Errors
///
/// Candle's.
pub fn save(field: &Tensors) -> Result<Tensors> {
    weight_norm::save_as(field, NAMES)
}
