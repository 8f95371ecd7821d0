//! Layers over images take a batch `(N, C, H, W)` or one image `(C, H, W)`.

use candle_core::{Result, Tensor, bail};

/// Runs `function` on a batch; one image is a batch of one.
pub(super) fn batched(layer: &str, x: &Tensor, function: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    match x.rank() {
        4 => function(x),
        3 => function(&x.unsqueeze(0)?)?.squeeze(0),
        _ => bail!("{layer}: shape of the input, expected: (N, C, H, W) or (C, H, W), got: {:?}", x.dims()),
    }
}
