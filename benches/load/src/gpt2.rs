//! GPT-2 as `transformers.GPT2LMHeadModel` has it, with the keys and layouts of its files.

use model_runtime::init::{self, Init};
use model_runtime::prelude::*;

use crate::file::{LAYERS, POSITIONS, VOCABULARY, WIDTH};

const HEADS: usize = 12;

/// `transformers.pytorch_utils.Conv1D`: a linear layer whose weight is `(in, out)`. As a class of its own its weight stays
/// as it is in the file; `with = with::transposed` on a `Linear` would copy it.
#[derive(Module, Debug)]
struct Conv1D<D: Device> {
    weight: Param<D>,
    bias: Param<D>,
}

#[derive(Module, Debug)]
struct Attention<D: Device> {
    c_attn: Conv1D<D>,
    c_proj: Conv1D<D>,
}

#[derive(Module, Debug)]
struct Mlp<D: Device> {
    c_fc: Conv1D<D>,
    c_proj: Conv1D<D>,
    act: GELU,
}

#[derive(Module, Debug)]
struct Block<D: Device> {
    ln_1: LayerNorm<D>,
    attn: Attention<D>,
    ln_2: LayerNorm<D>,
    mlp: Mlp<D>,
}

#[derive(Module, Debug)]
struct Transformer<D: Device> {
    wte: Embedding<D>,
    wpe: Embedding<D>,
    h: Vec<Block<D>>,
    ln_f: LayerNorm<D>,
}

#[derive(Module, Debug)]
pub struct Gpt2<D: Device> {
    transformer: Transformer<D>,
    #[module(tied = "transformer.wte")]
    lm_head: Linear<D>,
}

impl Conv1D<Meta> {
    fn new(nx: usize, nf: usize) -> Self {
        Self { weight: Param::new((nx, nf), Init::Randn { mean: 0.0, stdev: 0.02 }), bias: Param::new(nf, init::ZERO) }
    }
}

impl Block<Meta> {
    fn new() -> Self {
        Self {
            ln_1: LayerNorm::new(WIDTH),
            attn: Attention { c_attn: Conv1D::new(WIDTH, 3 * WIDTH), c_proj: Conv1D::new(WIDTH, WIDTH) },
            ln_2: LayerNorm::new(WIDTH),
            mlp: Mlp {
                c_fc: Conv1D::new(WIDTH, 4 * WIDTH),
                c_proj: Conv1D::new(4 * WIDTH, WIDTH),
                act: GELU::new().approximate(Approximate::Tanh),
            },
        }
    }
}

impl Gpt2<Meta> {
    /// The model with 124 million parameters.
    pub fn new() -> Self {
        let transformer = Transformer {
            wte: Embedding::new(VOCABULARY, WIDTH),
            wpe: Embedding::new(POSITIONS, WIDTH),
            h: (0..LAYERS).map(|_| Block::new()).collect(),
            ln_f: LayerNorm::new(WIDTH),
        };
        Self { transformer, lm_head: Linear::new(WIDTH, VOCABULARY).bias(false) }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Conv1D<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let (batch, len, nx) = x.dims3()?;
        let y = x.reshape((batch * len, nx))?.matmul(&self.weight)?.broadcast_add(&self.bias)?;
        y.reshape((batch, len, ()))
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Attention<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let (batch, len, _) = x.dims3()?;
        let qkv = self.c_attn.forward(x)?.reshape((batch, len, 3, HEADS, WIDTH / HEADS))?;
        // (batch, len, 3, head, width) -> (batch, head, len, width)
        let part = |index: usize| qkv.narrow(2, index, 1)?.squeeze(2)?.transpose(1, 2)?.contiguous();
        let (q, k, v) = (part(0)?, part(1)?, part(2)?);

        let scores = (q.matmul(&k.t()?)? / ((WIDTH / HEADS) as f64).sqrt())?;
        let seen = Tensor::tril2(len, DType::U8, x.device())?.broadcast_as(scores.shape())?;
        let scores = seen.where_cond(&scores, &scores.full_like(f32::NEG_INFINITY)?)?;
        let x = scores.softmax(Minus1)?.matmul(&v)?;
        self.c_proj.forward(&x.transpose(1, 2)?.reshape((batch, len, WIDTH))?)
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Mlp<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        self.c_proj.forward(&self.act.forward(&self.c_fc.forward(x)?)?)
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Block<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let x = (x + self.attn.forward(&self.ln_1.forward(x)?)?)?;
        &x + self.mlp.forward(&self.ln_2.forward(&x)?)?
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Gpt2<D> {
    type Output = Tensor<D>;

    fn forward(&self, input_ids: &Tensor<D>) -> Result<Tensor<D>> {
        let Transformer { wte, wpe, h, ln_f } = &self.transformer;
        let positions = Tensor::arange(0u32, input_ids.dim(1)? as u32, input_ids.device())?;
        let mut x = wte.forward(input_ids)?.broadcast_add(&wpe.forward(&positions)?)?;
        for block in h {
            x = block.forward(&x)?;
        }
        self.lm_head.forward(&ln_f.forward(&x)?)
    }
}
