//! GPT-2: `transformers.GPT2LMHeadModel`.
//!
//! Three things to know about its files: the linear layers are `Conv1D`, whose weights are transposed, and that of query,
//! key and value is one; the head is tied to the embedding; and files from 2019 have no `transformer.` in front, no head,
//! and the causal masks as buffers.

use model_runtime::prelude::*;
use model_runtime::with;

use crate::support::{Run, assert_close, loaded_and_saved, torch_file};

/// The three parts of `c_attn`.
#[derive(Module, Clone, Debug)]
struct Qkv<D: Device> {
    q: Linear<D>,
    k: Linear<D>,
    v: Linear<D>,
}

#[derive(Module, Clone, Debug)]
struct Attention<D: Device> {
    // The file has `c_attn.weight` as `(in, 3 · out)`; so has what is saved.
    #[module(with = with::fused_transposed)]
    c_attn: Qkv<D>,
    #[module(with = with::transposed)]
    c_proj: Linear<D>,
    n_head: usize,
}

#[derive(Module, Clone, Debug)]
struct Mlp<D: Device> {
    #[module(with = with::transposed)]
    c_fc: Linear<D>,
    #[module(with = with::transposed)]
    c_proj: Linear<D>,
    act: GELU,
}

#[derive(Module, Clone, Debug)]
struct Block<D: Device> {
    ln_1: LayerNorm<D>,
    attn: Attention<D>,
    ln_2: LayerNorm<D>,
    mlp: Mlp<D>,
}

#[derive(Module, Clone, Debug)]
struct Transformer<D: Device> {
    wte: Embedding<D>,
    wpe: Embedding<D>,
    h: Vec<Block<D>>,
    ln_f: LayerNorm<D>,
}

#[derive(Module, Clone, Debug)]
#[module(manifest = "../../fixtures/architectures/gpt2.manifest")]
struct GPT2LMHeadModel<D: Device> {
    transformer: Transformer<D>,
    #[module(tied = "transformer.wte")]
    lm_head: Linear<D>,
}

struct Config {
    vocab_size: usize,
    n_positions: usize,
    n_embd: usize,
    n_layer: usize,
    n_head: usize,
}

impl Block<Meta> {
    fn new(n_embd: usize, n_head: usize) -> Self {
        let square = || Linear::new(n_embd, n_embd);
        let c_attn = Qkv { q: square(), k: square(), v: square() };
        Self {
            ln_1: LayerNorm::new(n_embd),
            attn: Attention { c_attn, c_proj: square(), n_head },
            ln_2: LayerNorm::new(n_embd),
            mlp: Mlp {
                c_fc: Linear::new(n_embd, 4 * n_embd),
                c_proj: Linear::new(4 * n_embd, n_embd),
                act: GELU::new().approximate(Approximate::Tanh),
            },
        }
    }
}

impl GPT2LMHeadModel<Meta> {
    fn new(config: &Config) -> Self {
        let &Config { vocab_size, n_positions, n_embd, n_layer, n_head } = config;
        let transformer = Transformer {
            wte: Embedding::new(vocab_size, n_embd),
            wpe: Embedding::new(n_positions, n_embd),
            h: (0..n_layer).map(|_| Block::new(n_embd, n_head)).collect(),
            ln_f: LayerNorm::new(n_embd),
        };
        Self { transformer, lm_head: Linear::new(n_embd, vocab_size).bias(false) }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Attention<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let (batch, len, n_embd) = x.dims3()?;
        // (batch, len, n_embd) -> (batch, head, len, n_embd / n_head)
        let heads = |layer: &Linear<D>| {
            let heads = (batch, len, self.n_head, n_embd / self.n_head);
            layer.forward(x)?.reshape(heads)?.transpose(1, 2)?.contiguous()
        };
        let Qkv { q, k, v } = &self.c_attn;
        let (q, k, v) = (heads(q)?, heads(k)?, heads(v)?);

        let scores = (q.matmul(&k.t()?)? / ((n_embd / self.n_head) as f64).sqrt())?;
        // The mask is made beside the scores, so it cannot be on another device.
        let seen = Tensor::tril2(len, DType::U8, x.device())?.broadcast_as(scores.shape())?;
        let scores = seen.where_cond(&scores, &scores.full_like(f32::NEG_INFINITY)?)?;
        let x = scores.softmax(Minus1)?.matmul(&v)?;
        self.c_proj.forward(&x.transpose(1, 2)?.reshape((batch, len, n_embd))?)
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

impl<D: Compute> Forward<&Tensor<D>> for GPT2LMHeadModel<D> {
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

impl<D: Compute> GPT2LMHeadModel<D> {
    /// Appends the most probable token, `count` times.
    fn generate(&self, input_ids: &Tensor<D>, count: usize) -> Result<Tensor<D>> {
        let mut input_ids = input_ids.clone();
        for _ in 0..count {
            let last = self.forward(&input_ids)?.narrow(1, input_ids.dim(1)? - 1, 1)?;
            let next = last.argmax(Minus1)?.to_dtype(input_ids.dtype())?;
            input_ids = Tensor::cat(&[&input_ids, &next], 1)?;
        }
        Ok(input_ids)
    }
}

const TINY: Config = Config { vocab_size: 32, n_positions: 24, n_embd: 16, n_layer: 2, n_head: 2 };

#[test]
fn gpt2_computes_and_generates_what_torch_does() {
    let model = loaded_and_saved(&GPT2LMHeadModel::new(&TINY), "gpt2");
    let run = Run::of("gpt2");
    let input_ids = run.get("input_ids");
    assert_close(&model.forward(&input_ids).unwrap(), &run.get("logits"));

    let generated = model.generate(&input_ids, 8).unwrap();
    assert_eq!(generated.to_vec2::<i64>().unwrap(), run.get("generated").to_vec2::<i64>().unwrap());
}

#[test]
fn the_head_stays_tied_to_the_embedding() {
    let model = loaded_and_saved(&GPT2LMHeadModel::new(&TINY), "gpt2");
    let (wte, head) = (model.transformer.wte.weight.leaf(), model.lm_head.weight.leaf());
    assert_eq!(wte.identity(), head.identity());
}

#[test]
fn a_file_of_2019_loads_without_its_masks_and_its_head() {
    // `attn.bias` is a mask there. The head has the embedding's tensor, so no key of its own is needed.
    let state = torch_file("gpt2_2019").filter(|key| !key.ends_with(".attn.bias"));
    let options = LoadOptions::new().add_prefix("transformer.");
    let (model, _) = GPT2LMHeadModel::new(&TINY).load_state_dict_with(&state, Cpu, &options).unwrap();
    let run = Run::of("gpt2");
    assert_close(&model.forward(&run.get("input_ids")).unwrap(), &run.get("logits"));
}

#[test]
fn gpt2_has_the_published_number_of_parameters() {
    let config = Config { vocab_size: 50_257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 };
    assert_eq!(GPT2LMHeadModel::new(&config).num_parameters(), 124_439_808);
}
