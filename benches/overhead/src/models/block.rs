//! A block of a transformer, with one linear layer for query, key and value and no mask.

use candle_core::{D, Result, Tensor as Candle};
use candle_nn::Module as _;
use model_runtime::prelude::{Compute, Device, Forward, LayerNorm, Linear, Minus1, Module, Tensor};

use super::mlp::{CandleMlp, Mlp, mlps};
use super::{Pair, linears, norms, numbers, typed};

#[derive(Module, Debug)]
struct Block<D: Device> {
    norm1: LayerNorm<D>,
    qkv: Linear<D>,
    proj: Linear<D>,
    norm2: LayerNorm<D>,
    mlp: Mlp<D>,
    heads: usize,
}

impl<D: Compute> Forward<&Tensor<D>> for Block<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> model_runtime::Result<Tensor<D>> {
        let (batch, len, width) = x.dims3()?;
        let qkv =
            self.qkv.forward(&self.norm1.forward(x)?)?.reshape((batch, len, 3, self.heads, width / self.heads))?;
        let part = |index: usize| qkv.narrow(2, index, 1)?.squeeze(2)?.transpose(1, 2)?.contiguous();
        let (q, k, v) = (part(0)?, part(1)?, part(2)?);
        let scores = (q.matmul(&k.t()?)? * (1.0 / ((width / self.heads) as f64).sqrt()))?;
        let y = scores.softmax(Minus1)?.matmul(&v)?.transpose(1, 2)?.reshape((batch, len, width))?;
        let x = (x + self.proj.forward(&y)?)?;
        &x + self.mlp.forward(&self.norm2.forward(&x)?)?
    }
}

struct CandleBlock {
    norm1: candle_nn::LayerNorm,
    qkv: candle_nn::Linear,
    proj: candle_nn::Linear,
    norm2: candle_nn::LayerNorm,
    mlp: CandleMlp,
    heads: usize,
}

impl CandleBlock {
    fn forward(&self, x: &Candle) -> Result<Candle> {
        let (batch, len, width) = x.dims3()?;
        let qkv =
            self.qkv.forward(&self.norm1.forward(x)?)?.reshape((batch, len, 3, self.heads, width / self.heads))?;
        let part = |index: usize| qkv.narrow(2, index, 1)?.squeeze(2)?.transpose(1, 2)?.contiguous();
        let (q, k, v) = (part(0)?, part(1)?, part(2)?);
        let scores = (q.matmul(&k.t()?)? * (1.0 / ((width / self.heads) as f64).sqrt()))?;
        let y = candle_nn::ops::softmax(&scores, D::Minus1)?.matmul(&v)?;
        let y = y.transpose(1, 2)?.reshape((batch, len, width))?;
        let x = (x + self.proj.forward(&y)?)?;
        &x + self.mlp.forward(&self.norm2.forward(&x)?)?
    }
}

pub fn pair(len: usize, width: usize, heads: usize) -> Result<Pair> {
    let x = numbers(&[1, len, width])?;
    let ((norm1, candle_norm1), (norm2, candle_norm2)) = (norms(width)?, norms(width)?);
    let ((qkv, candle_qkv), (proj, candle_proj)) = (linears(width, 3 * width)?, linears(width, width)?);
    let (mlp, candle_mlp) = mlps(width, 2 * width)?;
    let model = Block { norm1, qkv, proj, norm2, mlp, heads };
    let candle = CandleBlock {
        norm1: candle_norm1,
        qkv: candle_qkv,
        proj: candle_proj,
        norm2: candle_norm2,
        mlp: candle_mlp,
        heads,
    };
    let input = typed(&x)?;
    Ok(Pair::new(move || model.forward(&input), move || candle.forward(&x)))
}
