//! Masks and positions in device-generic code: each is made beside a tensor that is there already.

use model_runtime::prelude::*;

/// Scores with negative infinity where a query would see a later key.
fn causal<D: Compute>(scores: &Tensor<D>) -> Result<Tensor<D>> {
    let seen = Tensor::tril2(scores.dim(Minus1)?, DType::U8, scores.device())?;
    seen.broadcast_as(scores.shape())?.where_cond(scores, &scores.full_like(f32::NEG_INFINITY)?)
}

/// Adds its number to each place.
fn with_positions<D: Compute>(x: &Tensor<D>) -> Result<Tensor<D>> {
    let positions = x.arange_like(0.0, x.dim(1)? as f64)?;
    let same_by_tag = Tensor::arange(0f32, x.dim(1)? as f32, D::default())?;
    (x.broadcast_add(&positions)? + x.broadcast_add(&same_by_tag)? - x)? + x.zeros_like()?
}

/// Tables of cosines and sines for `rope`, from positions on the same device.
fn rotated<D: Compute>(q: &Tensor<D>) -> Result<Tensor<D>> {
    let (_, _, length, features) = q.dims4()?;
    let places = q.arange_like(0.0, length as f64)?.unsqueeze(1)?;
    let angles = places.broadcast_mul(&Tensor::full(0.5f32, (1, features / 2), q.device())?)?;
    q.rope(&angles.cos()?, &angles.sin()?)
}

pub fn main() -> Result<()> {
    let scores = Tensor::new(&[[1f32, 2.0], [3.0, 4.0]], Cpu)?;
    assert_eq!(causal(&scores)?.to_vec2::<f32>()?, [[1.0, f32::NEG_INFINITY], [3.0, 4.0]]);
    assert_eq!(with_positions(&scores)?.to_vec2::<f32>()?, [[1.0, 4.0], [3.0, 6.0]]);
    assert_eq!(rotated(&Tensor::ones((1, 1, 3, 4), DType::F32, Cpu)?)?.dims(), [1, 1, 3, 4]);
    Ok(())
}
