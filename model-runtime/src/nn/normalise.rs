//! What layer, group and instance norms share: numbers over their standard deviation.

use candle_core::{DType, Tensor as Candle};

/// `centred`, whose mean over the last dimension is zero, over its standard deviation.
pub(super) fn normalise(
    centred: &Candle,
    weight: Option<&Candle>,
    bias: Option<&Candle>,
    eps: f64,
) -> candle_core::Result<Candle> {
    let last = centred.rank() - 1;
    let is_trained = [Some(centred), weight, bias].into_iter().flatten().any(Candle::track_op);
    // candle's kernel is one step instead of eight, has no gradient, and computes in `f32`.
    if !is_trained && centred.dtype() == DType::F32 {
        let features = centred.dim(last)?;
        let weight = weight.cloned().map_or_else(|| Candle::ones(features, DType::F32, centred.device()), Ok)?;
        let bias = bias.cloned().map_or_else(|| weight.zeros_like(), Ok)?;
        return candle_nn::ops::layer_norm(&centred.contiguous()?, &weight, &bias, eps as f32);
    }
    // Again: the mean of large numbers was rounded. The kernel above does so too.
    let centred = centred.broadcast_sub(&centred.mean_keepdim(last)?)?;
    let variance = centred.sqr()?.mean_keepdim(last)?;
    let y = centred.broadcast_div(&(variance + eps)?.sqrt()?)?;
    let y = match weight {
        Some(weight) => y.broadcast_mul(weight)?,
        None => y,
    };
    match bias {
        Some(bias) => y.broadcast_add(bias),
        None => Ok(y),
    }
}

/// `y · weight + bias` per channel, the second dimension.
pub(super) fn per_channel(y: Candle, weight: Option<&Candle>, bias: Option<&Candle>) -> candle_core::Result<Candle> {
    let mut shape = vec![1; y.rank()];
    shape[1] = y.dim(1)?;
    let channels = |tensor: &Candle| tensor.to_dtype(y.dtype())?.reshape(&shape[..]);
    let (weight, bias) = (weight.map(channels).transpose()?, bias.map(channels).transpose()?);
    let y = match weight {
        Some(weight) => y.broadcast_mul(&weight)?,
        None => y,
    };
    match bias {
        Some(bias) => y.broadcast_add(&bias),
        None => Ok(y),
    }
}
