//! Weights that the file holds transposed: those of Hugging Face's `Conv1D`, on a `Linear`.
//!
//! Every `weight` of two dimensions below the field is `[in, out]` in the file and `[out, in]` in the model. A field that is
//! itself a parameter of two dimensions is transposed too. All other tensors stay as they are.

use super::{Signature, Tensors, last};
use crate::error::{Result, Unsupported};

/// What the file holds: the same names, two-dimensional weights transposed.
///
/// # Errors
///
/// The field has no weight of two dimensions.
pub fn stored(field: &[Signature]) -> Result<Vec<Signature>> {
    if !field.iter().any(|tensor| is_transposed(&tensor.name, tensor.shape.len())) {
        let what = "no tensor below the field is called `weight` and has two dimensions";
        return Err(Unsupported::new(what).fix("write `with` on the `Linear` whose weight is transposed").into());
    }
    let transposed = field.iter().cloned().map(|mut tensor| {
        if is_transposed(&tensor.name, tensor.shape.len()) {
            tensor.shape.reverse();
        }
        tensor
    });
    Ok(transposed.collect())
}

/// The field's tensors.
///
/// # Errors
///
/// Candle's.
pub fn load(_field: &[Signature], file: &Tensors) -> Result<Tensors> {
    save(file)
}

/// The file's tensors.
///
/// # Errors
///
/// Candle's.
pub fn save(field: &Tensors) -> Result<Tensors> {
    let transposed = field.iter().map(|(name, tensor)| {
        let tensor = if is_transposed(name, tensor.rank()) { tensor.t()? } else { tensor.clone() };
        Ok((name.clone(), tensor))
    });
    transposed.collect()
}

fn is_transposed(name: &str, rank: usize) -> bool {
    rank == 2 && matches!(last(name), "weight" | "")
}
