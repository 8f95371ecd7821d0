//! A block of GPT-2: causal attention with a linear layer each for query, key and value, and a perceptron four times as wide.

use candle_core::{D, DType, Result, Tensor as Candle};
use candle_nn::Module as _;
use model_runtime::prelude::{Compute, Device, Forward, LayerNorm, Linear, Minus1, Module, Tensor};

use super::mlp::{CandleMlp, Mlp, mlps};
use super::{Pair, linears, norms, numbers, typed};

#[derive(Module, Debug)]
struct Block<D: Device> {
    ln_1: LayerNorm<D>,
    q: Linear<D>,
    k: Linear<D>,
    v: Linear<D>,
    c_proj: Linear<D>,
    ln_2: LayerNorm<D>,
    mlp: Mlp<D>,
    n_head: usize,
}

impl<D: Compute> Block<D> {
    fn attention(&self, x: &Tensor<D>) -> model_runtime::Result<Tensor<D>> {
        let (batch, len, n_embd) = x.dims3()?;
        let heads = |layer: &Linear<D>| {
            let heads = (batch, len, self.n_head, n_embd / self.n_head);
            layer.forward(x)?.reshape(heads)?.transpose(1, 2)?.contiguous()
        };
        let (q, k, v) = (heads(&self.q)?, heads(&self.k)?, heads(&self.v)?);
        let scores = (q.matmul(&k.t()?)? / ((n_embd / self.n_head) as f64).sqrt())?;
        let seen = Tensor::tril2(len, DType::U8, x.device())?.broadcast_as(scores.shape())?;
        let scores = seen.where_cond(&scores, &scores.full_like(f32::NEG_INFINITY)?)?;
        let x = scores.softmax(Minus1)?.matmul(&v)?;
        self.c_proj.forward(&x.transpose(1, 2)?.reshape((batch, len, n_embd))?)
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Block<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> model_runtime::Result<Tensor<D>> {
        let x = (x + self.attention(&self.ln_1.forward(x)?)?)?;
        &x + self.mlp.forward(&self.ln_2.forward(&x)?)?
    }
}

struct CandleBlock {
    ln_1: candle_nn::LayerNorm,
    q: candle_nn::Linear,
    k: candle_nn::Linear,
    v: candle_nn::Linear,
    c_proj: candle_nn::Linear,
    ln_2: candle_nn::LayerNorm,
    mlp: CandleMlp,
    n_head: usize,
}

impl CandleBlock {
    fn attention(&self, x: &Candle) -> Result<Candle> {
        let (batch, len, n_embd) = x.dims3()?;
        let heads = |layer: &candle_nn::Linear| {
            let heads = (batch, len, self.n_head, n_embd / self.n_head);
            layer.forward(x)?.reshape(heads)?.transpose(1, 2)?.contiguous()
        };
        let (q, k, v) = (heads(&self.q)?, heads(&self.k)?, heads(&self.v)?);
        let scores = (q.matmul(&k.t()?)? / ((n_embd / self.n_head) as f64).sqrt())?;
        let seen = Candle::tril2(len, DType::U8, x.device())?.broadcast_as(scores.shape())?;
        let hidden = Candle::full(f32::NEG_INFINITY, scores.shape(), scores.device())?;
        let scores = seen.where_cond(&scores, &hidden)?;
        let x = candle_nn::ops::softmax(&scores, D::Minus1)?.matmul(&v)?;
        self.c_proj.forward(&x.transpose(1, 2)?.reshape((batch, len, n_embd))?)
    }

    fn forward(&self, x: &Candle) -> Result<Candle> {
        let x = (x + self.attention(&self.ln_1.forward(x)?)?)?;
        &x + self.mlp.forward(&self.ln_2.forward(&x)?)?
    }
}

pub fn pair(len: usize, width: usize, n_head: usize) -> Result<Pair> {
    let x = numbers(&[1, len, width])?;
    let ((ln_1, candle_ln_1), (ln_2, candle_ln_2)) = (norms(width)?, norms(width)?);
    let ((q, candle_q), (k, candle_k)) = (linears(width, width)?, linears(width, width)?);
    let ((v, candle_v), (c_proj, candle_c_proj)) = (linears(width, width)?, linears(width, width)?);
    let (mlp, candle_mlp) = mlps(width, 4 * width)?;
    let block = Block { ln_1, q, k, v, c_proj, ln_2, mlp, n_head };
    let candle = CandleBlock {
        ln_1: candle_ln_1,
        q: candle_q,
        k: candle_k,
        v: candle_v,
        c_proj: candle_c_proj,
        ln_2: candle_ln_2,
        mlp: candle_mlp,
        n_head,
    };
    let input = typed(&x)?;
    Ok(Pair::new(move || block.forward(&input), move || candle.forward(&x)))
}
