//! Layers over images take a batch `(N, C, H, W)` or one image `(C, H, W)`; those over signals `(N, C, L)` or `(C, L)`.

use candle_core::{Result, Tensor, bail};

/// Runs `function` on a batch of images; one image is a batch of one.
#[inline]
pub(super) fn batched(layer: &str, x: &Tensor, function: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    match x.rank() {
        4 => function(x),
        3 => function(&x.unsqueeze(0)?)?.squeeze(0),
        _ => bail!("{layer}: shape of the input, expected: (N, C, H, W) or (C, H, W), got: {:?}", x.dims()),
    }
}

/// Runs `function` on a batch of signals; one signal is a batch of one.
#[inline]
pub(super) fn batched_1d(layer: &str, x: &Tensor, function: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    match x.rank() {
        3 => function(x),
        2 => function(&x.unsqueeze(0)?)?.squeeze(0),
        _ => bail!("{layer}: shape of the input, expected: (N, C, L) or (C, L), got: {:?}", x.dims()),
    }
}
