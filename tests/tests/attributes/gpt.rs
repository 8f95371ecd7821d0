//! Hugging Face's GPT-2, as far as the attributes go: `Conv1D` layers, one of them fused, and a tied head.

use model_runtime::prelude::*;
use model_runtime::with;

use super::{assert_close, assert_same, input_and_output, load_error, state};

#[derive(Module, Clone, Debug)]
pub struct Qkv<D: Device> {
    q: Linear<D>,
    k: Linear<D>,
    v: Linear<D>,
}

#[derive(Module, Clone, Debug)]
struct Attention<D: Device> {
    #[module(with = with::fused_transposed)]
    c_attn: Qkv<D>,
    #[module(with = with::transposed)]
    c_proj: Linear<D>,
}

#[derive(Module, Clone, Debug)]
struct Mlp<D: Device> {
    c_fc: Linear<D>,
    c_proj: Linear<D>,
}

#[derive(Module, Clone, Debug)]
struct Block<D: Device> {
    attn: Attention<D>,
    #[module(with = with::transposed)]
    mlp: Mlp<D>,
}

#[derive(Module, Clone, Debug)]
struct Transformer<D: Device> {
    wte: Embedding<D>,
    h: Vec<Block<D>>,
}

#[derive(Module, Clone, Debug)]
struct Gpt<D: Device> {
    transformer: Transformer<D>,
    #[module(tied = "transformer.wte")]
    lm_head: Linear<D>,
}

impl Qkv<Meta> {
    pub fn new(width: usize) -> Self {
        Self { q: Linear::new(width, width), k: Linear::new(width, width), v: Linear::new(width, width) }
    }
}

impl<D: Compute> Qkv<D> {
    /// Causal or full attention of one head.
    pub fn attend(&self, x: &Tensor<D>, is_causal: bool) -> Result<Tensor<D>> {
        let (q, k, v) = (self.q.forward(x)?, self.k.forward(x)?, self.v.forward(x)?);
        let scores = (q.matmul(&k.t()?)? / (x.dim(2)? as f64).sqrt())?;
        let length = x.dim(1)?;
        let scores = if is_causal {
            let mask = (0..length * length).map(|at| if at % length > at / length { f32::NEG_INFINITY } else { 0.0 });
            let mask = Tensor::from_vec(mask.collect(), (length, length), Cpu)?.to(D::default())?;
            scores.broadcast_add(&mask)?
        } else {
            scores
        };
        scores.softmax(Minus1)?.matmul(&v)
    }
}

impl Gpt<Meta> {
    fn new() -> Self {
        let attn = Attention { c_attn: Qkv::new(4), c_proj: Linear::new(4, 4) };
        let block = Block { attn, mlp: Mlp { c_fc: Linear::new(4, 8), c_proj: Linear::new(8, 4) } };
        Self {
            transformer: Transformer { wte: Embedding::new(6, 4), h: vec![block] },
            lm_head: Linear::new(4, 6).bias(false),
        }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Gpt<D> {
    type Output = Tensor<D>;
    fn forward(&self, ids: &Tensor<D>) -> Result<Tensor<D>> {
        let mut x = self.transformer.wte.forward(ids)?;
        for Block { attn, mlp } in &self.transformer.h {
            x = (&x + attn.c_proj.forward(&attn.c_attn.attend(&x, true)?)?)?;
            x = (&x + mlp.c_proj.forward(&mlp.c_fc.forward(&x)?.relu()?)?)?;
        }
        self.lm_head.forward(&x)
    }
}

#[test]
fn it_computes_what_pytorch_computes_from_either_file() {
    let (ids, logits) = input_and_output("gpt");
    for name in ["gpt.pt", "gpt.safetensors"] {
        let gpt = Gpt::new().load_state_dict(&state(name), Cpu).unwrap();
        assert_close(&gpt.forward(&ids).unwrap(), &logits);
    }
}

#[test]
fn saving_gives_back_the_keys_the_layout_and_the_bytes_of_pytorch() {
    let gpt = Gpt::new().load_state_dict(&state("gpt.pt"), Cpu).unwrap();
    let saved = gpt.state_dict().unwrap();
    assert_same(&saved, &state("gpt.pt"), 0.0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gpt.safetensors");
    saved.save(&path).unwrap();
    let written = Checkpoint::open(&path).unwrap().state_dict().unwrap();
    assert_same(&written, &state("gpt.safetensors"), 0.0);
    Gpt::new().load_state_dict(&written, Cpu).unwrap();
}

#[test]
fn the_head_is_the_embedding_in_every_operation() {
    let gpt = Gpt::new().load_state_dict(&state("gpt.safetensors"), Cpu).unwrap();
    let is_tied = |gpt: &Gpt<Cpu>| gpt.lm_head.weight.leaf().identity() == gpt.transformer.wte.weight.leaf().identity();
    assert!(is_tied(&gpt));
    let moved = gpt.to(Auto).unwrap().to(Cpu).unwrap();
    assert!(is_tied(&moved));
    let halves = moved.to_dtype(DType::F16).unwrap();
    assert!(is_tied(&halves) && halves.lm_head.weight.dtype() == DType::F16);
    let mut gpt = Gpt::new().init_seeded(Cpu, 0).unwrap();
    assert!(is_tied(&gpt));
    gpt.requires_grad(false).unwrap();
    gpt.requires_grad(true).unwrap();
    assert!(is_tied(&gpt));
    assert_eq!(gpt.num_parameters(), Gpt::new().num_parameters());
    assert_eq!(gpt.parameters().unwrap().len(), gpt.named_parameters().len());
    let entries = gpt.state_dict().unwrap();
    let id = |key| entries.get(key).unwrap().storage_id();
    assert_eq!(id("lm_head.weight"), id("transformer.wte.weight"));
}

#[test]
fn parameters_have_the_names_of_the_fields() {
    let gpt = Gpt::new();
    let names: Vec<_> = gpt.named_parameters().into_iter().map(|(key, _)| key).collect();
    assert!(names.contains(&"transformer.h.0.attn.c_attn.q.weight".to_owned()), "{names:?}");
    assert!(!names.contains(&"lm_head.weight".to_owned()), "a tied parameter has one name");
    // 6 * 4 for the embedding; 4 * 12 + 12 and 4 * 4 + 4; 4 * 8 + 8 and 8 * 4 + 4
    assert_eq!(gpt.num_parameters(), 24 + 60 + 20 + 40 + 36);
}

#[test]
fn different_data_under_both_names_is_an_error() {
    let error = load_error(&Gpt::new(), &state("gpt_untied.pt"));
    assert!(error.contains("lm_head.weight: tied to `transformer.wte.weight`"), "{error}");
    assert!(error.contains("different data"), "{error}");
}

#[test]
fn what_is_wrong_is_said_in_the_layout_of_the_file() {
    let mut model = Gpt::new();
    model.transformer.h[0].mlp.c_fc = Linear::new(4, 9);
    let error = load_error(&model, &state("gpt.pt").filter(|key| key != "transformer.h.0.attn.c_attn.bias"));
    assert!(error.contains("\"transformer.h.0.attn.c_attn.bias\" [12]"), "{error}");
    assert!(error.contains("transformer.h.0.mlp.c_fc.weight, expected: [4, 9], got: [4, 8]"), "{error}");
}

#[test]
fn a_tie_that_no_file_fills_is_missing_once() {
    let without = state("gpt.safetensors").filter(|key| key != "transformer.wte.weight");
    let error = load_error(&Gpt::new(), &without);
    assert!(error.contains("\"transformer.wte.weight\" [6, 4]"), "{error}");
    assert!(!error.contains("lm_head"), "{error}");
    // The name of the head alone fills both.
    let head = state("gpt.pt").filter(|key| key != "transformer.wte.weight");
    assert_same(&Gpt::new().load_state_dict(&head, Cpu).unwrap().state_dict().unwrap(), &state("gpt.pt"), 0.0);
}

#[test]
fn training_moves_the_one_weight() {
    let gpt = Gpt::new().init_seeded(Cpu, 3).unwrap();
    let (ids, _) = input_and_output("gpt");
    let before = super::values(gpt.lm_head.weight.as_candle());
    let loss = gpt.forward(&ids).unwrap().sqr().unwrap().mean_all().unwrap();
    let grads = loss.as_candle().backward().unwrap();
    for var in gpt.parameters().unwrap().iter() {
        let step = (grads.get(var).unwrap() * 0.1).unwrap();
        var.set(&(var.as_tensor() - step).unwrap().detach()).unwrap();
    }
    let after = super::values(gpt.lm_head.weight.as_candle());
    assert_ne!(before, after);
    assert_eq!(after, super::values(gpt.transformer.wte.weight.as_candle()));
}
