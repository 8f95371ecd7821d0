//! A multilayer perceptron and a block of a transformer, derived and written by hand for candle.

use candle_core::{D, Result, Tensor as Candle};
use candle_nn::Module as _;
use model_runtime::prelude::{Approximate, Compute, Device, Forward, GELU, LayerNorm, Linear, Minus1, Module, Tensor};

use crate::layers::{linears, norms, numbers};
use crate::operations::typed;
use crate::pair::{Case, Pair};

pub const CASES: &[Case] = &[
    Case { id: "mlp-small", says: "perceptron, (1, 16) - 32 - 16", calls: 200, pair: || mlp(1, 16) },
    Case { id: "mlp", says: "perceptron, (32, 256) - 512 - 256", calls: 4, pair: || mlp(32, 256) },
    Case {
        id: "block-small",
        says: "block of a transformer, (1, 4, 32), 2 heads",
        calls: 50,
        pair: || block(4, 32, 2),
    },
    Case { id: "block", says: "block of a transformer, (1, 32, 256), 4 heads", calls: 4, pair: || block(32, 256, 4) },
    Case {
        id: "block-gpt2",
        says: "block of a transformer, (1, 32, 768), 12 heads",
        calls: 2,
        pair: || block(32, 768, 12),
    },
];

#[derive(Module, Debug)]
struct Mlp<D: Device> {
    fc1: Linear<D>,
    act: GELU,
    fc2: Linear<D>,
}

impl<D: Compute> Forward<&Tensor<D>> for Mlp<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> model_runtime::Result<Tensor<D>> {
        self.fc2.forward(&self.act.forward(&self.fc1.forward(x)?)?)
    }
}

struct CandleMlp {
    fc1: candle_nn::Linear,
    fc2: candle_nn::Linear,
}

impl CandleMlp {
    fn forward(&self, x: &Candle) -> Result<Candle> {
        self.fc2.forward(&self.fc1.forward(x)?.gelu()?)
    }
}

fn mlps(width: usize) -> Result<(Mlp<model_runtime::Cpu>, CandleMlp)> {
    let ((fc1, candle_fc1), (fc2, candle_fc2)) = (linears(width, 2 * width)?, linears(2 * width, width)?);
    let act = GELU::new().approximate(Approximate::Tanh);
    Ok((Mlp { fc1, act, fc2 }, CandleMlp { fc1: candle_fc1, fc2: candle_fc2 }))
}

fn mlp(rows: usize, width: usize) -> Result<Pair> {
    let x = numbers(&[rows, width])?;
    let (model, candle) = mlps(width)?;
    let input = typed(&x)?;
    Ok(Pair::new(move || model.forward(&input), move || candle.forward(&x)))
}

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

fn block(len: usize, width: usize, heads: usize) -> Result<Pair> {
    let x = numbers(&[1, len, width])?;
    let ((norm1, candle_norm1), (norm2, candle_norm2)) = (norms(width)?, norms(width)?);
    let ((qkv, candle_qkv), (proj, candle_proj)) = (linears(width, 3 * width)?, linears(width, width)?);
    let (mlp, candle_mlp) = mlps(width)?;
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
