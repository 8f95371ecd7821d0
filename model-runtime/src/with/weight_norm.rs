//! Weights that the file holds as a direction and a length: [`torch.nn.utils.weight_norm`](https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.weight_norm.html).
//!
//! Every `weight` of two or more dimensions below the field is `weight_v`, of the same shape, and `weight_g`, the lengths
//! along the first dimension: `weight = weight_v * weight_g / ‖weight_v‖`. The other tensors stay as they are. The field
//! holds the product, so that the forward pass computes no norms; saving gives `weight_v = weight`, which PyTorch makes the
//! same weight of. For `torch.nn.utils.parametrizations.weight_norm`, which names the two otherwise, there is
//! [`parametrized_weight_norm`](super::parametrized_weight_norm).

use candle_core::{DType, Tensor};

use super::{Signature, Tensors, last, with_last};
use crate::error::{Result, Unsupported};

/// The names of the length and the direction.
const NAMES: [&str; 2] = ["weight_g", "weight_v"];

/// What the file holds: `weight_g` and `weight_v` for each weight.
///
/// # Errors
///
/// The field has no weight of two or more dimensions.
pub fn stored(field: &[Signature]) -> Result<Vec<Signature>> {
    stored_as(field, NAMES)
}

/// The field's tensors.
///
/// # Errors
///
/// Candle's.
pub fn load(field: &[Signature], file: &Tensors) -> Result<Tensors> {
    load_as(field, file, NAMES)
}

/// The file's tensors.
///
/// # Errors
///
/// Candle's.
pub fn save(field: &Tensors) -> Result<Tensors> {
    save_as(field, NAMES)
}

pub(super) fn stored_as(field: &[Signature], [g, v]: [&str; 2]) -> Result<Vec<Signature>> {
    let (normed, mut stored): (Vec<_>, Vec<_>) =
        field.iter().cloned().partition(|tensor| is_normed(&tensor.name, tensor.shape.len()));
    if normed.is_empty() {
        let what = "no tensor below the field is called `weight` and has two or more dimensions";
        return Err(Unsupported::new(what).fix("write `with` on the layer whose weight is normalised").into());
    }
    for tensor in normed {
        let lengths = tensor.shape.iter().enumerate().map(|(dim, size)| if dim == 0 { *size } else { 1 }).collect();
        stored.push(Signature { name: with_last(&tensor.name, g), shape: lengths, dtype: tensor.dtype });
        stored.push(Signature { name: with_last(&tensor.name, v), ..tensor });
    }
    Ok(stored)
}

pub(super) fn load_as(field: &[Signature], file: &Tensors, [g, v]: [&str; 2]) -> Result<Tensors> {
    let mut loaded = Tensors::new();
    for Signature { name, shape, .. } in field {
        let pair = (file.get(&with_last(name, g)), file.get(&with_last(name, v)));
        let tensor = match (pair, file.get(name)) {
            ((Some(length), Some(direction)), _) if is_normed(name, shape.len()) => product(direction, length)?,
            (_, Some(tensor)) => tensor.clone(),
            _ => continue,
        };
        loaded.insert(name.clone(), tensor);
    }
    Ok(loaded)
}

pub(super) fn save_as(field: &Tensors, [g, v]: [&str; 2]) -> Result<Tensors> {
    let (normed, others): (Vec<_>, Vec<_>) = field.iter().partition(|(name, tensor)| is_normed(name, tensor.rank()));
    let mut saved: Tensors = others.into_iter().map(|(name, tensor)| (name.clone(), tensor.clone())).collect();
    for (name, weight) in normed {
        let lengths = lengths(&weight.to_dtype(wide(weight.dtype()))?)?;
        // A row of zeros has no direction, and PyTorch would divide by its length.
        let is_zero = lengths.eq(0.0)?.broadcast_as(weight.shape())?;
        saved.insert(with_last(name, v), is_zero.where_cond(&weight.ones_like()?, weight)?);
        saved.insert(with_last(name, g), lengths.to_dtype(weight.dtype())?);
    }
    Ok(saved)
}

fn is_normed(name: &str, rank: usize) -> bool {
    rank >= 2 && last(name) == "weight"
}

/// The weight, in the dtype that PyTorch's product of the two has.
fn product(direction: &Tensor, length: &Tensor) -> Result<Tensor> {
    let dtype = promoted(direction.dtype(), length.dtype());
    let (direction, length) = (direction.to_dtype(wide(dtype))?, length.to_dtype(wide(dtype))?);
    Ok(direction.broadcast_mul(&length.broadcast_div(&lengths(&direction)?)?)?.to_dtype(dtype)?)
}

/// The dtype of a result of two.
fn promoted(a: DType, b: DType) -> DType {
    match (a, b) {
        _ if a == b => a,
        (DType::F64, _) | (_, DType::F64) => DType::F64,
        _ => DType::F32,
    }
}

/// The dtype to compute in: the squares of half-precision values are soon infinite, or zero.
fn wide(dtype: DType) -> DType {
    if dtype == DType::F64 { DType::F64 } else { DType::F32 }
}

/// The length of each part along the first dimension, with the other dimensions as ones.
fn lengths(weight: &Tensor) -> Result<Tensor> {
    let dims: Vec<usize> = (1..weight.rank()).collect();
    Ok(weight.sqr()?.sum_keepdim(dims)?.sqrt()?)
}
