//! BERT: `transformers.BertForMaskedLM`.
//!
//! Things to know about its files: a field is called `self`; the decoder is tied to the embedding, and its bias to the
//! head's; and files from 2018 call the parameters of a layer norm `gamma` and `beta`, those of some later versions have
//! the buffer `position_ids`.

use model_runtime::prelude::*;

use crate::support::{Run, assert_close, loaded_and_saved, torch_file};

#[derive(Module, Clone, Debug)]
struct Embeddings<D: Device> {
    // `register_buffer("position_ids", torch.arange(..), persistent=False)`
    #[module(persistent = false)]
    position_ids: Buffer<D>,
    word_embeddings: Embedding<D>,
    position_embeddings: Embedding<D>,
    token_type_embeddings: Embedding<D>,
    #[module(rename = "LayerNorm")]
    layer_norm: LayerNorm<D>,
    dropout: Dropout,
}

#[derive(Module, Clone, Debug)]
struct SelfAttention<D: Device> {
    query: Linear<D>,
    key: Linear<D>,
    value: Linear<D>,
    dropout: Dropout,
    num_attention_heads: usize,
}

/// `BertSelfOutput` and `BertOutput`: a projection, and the norm of it and what went round.
#[derive(Module, Clone, Debug)]
struct Output<D: Device> {
    dense: Linear<D>,
    #[module(rename = "LayerNorm")]
    layer_norm: LayerNorm<D>,
    dropout: Dropout,
}

#[derive(Module, Clone, Debug)]
struct Attention<D: Device> {
    #[module(rename = "self")]
    self_attention: SelfAttention<D>,
    output: Output<D>,
}

#[derive(Module, Clone, Debug)]
struct Intermediate<D: Device> {
    dense: Linear<D>,
    intermediate_act_fn: GELU,
}

#[derive(Module, Clone, Debug)]
struct Layer<D: Device> {
    attention: Attention<D>,
    intermediate: Intermediate<D>,
    output: Output<D>,
}

#[derive(Module, Clone, Debug)]
struct Encoder<D: Device> {
    layer: Vec<Layer<D>>,
}

#[derive(Module, Clone, Debug)]
struct BertModel<D: Device> {
    embeddings: Embeddings<D>,
    encoder: Encoder<D>,
}

#[derive(Module, Clone, Debug)]
struct Transform<D: Device> {
    dense: Linear<D>,
    transform_act_fn: GELU,
    #[module(rename = "LayerNorm")]
    layer_norm: LayerNorm<D>,
}

#[derive(Module, Clone, Debug)]
struct Predictions<D: Device> {
    // Before the modules: PyTorch's state dicts have a module's own parameters first.
    bias: Param<D>,
    transform: Transform<D>,
    decoder: Linear<D>,
}

#[derive(Module, Clone, Debug)]
struct Head<D: Device> {
    predictions: Predictions<D>,
}

#[derive(Module, Clone, Debug)]
#[module(manifest = "../../fixtures/architectures/bert.manifest")]
struct BertForMaskedLM<D: Device> {
    bert: BertModel<D>,
    cls: Head<D>,
}

struct Config {
    vocab_size: usize,
    max_positions: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
}

fn layer_norm(config: &Config) -> LayerNorm<Meta> {
    LayerNorm::new(config.hidden_size).eps(1e-12)
}

impl Embeddings<Meta> {
    fn new(config: &Config) -> Self {
        let max = config.max_positions;
        let positions = move || Tensor::arange(0, max as i64, Cpu)?.unsqueeze(0);
        Self {
            position_ids: Buffer::computed((1, max), positions).dtype(DType::I64),
            word_embeddings: Embedding::new(config.vocab_size, config.hidden_size).padding_idx(0),
            position_embeddings: Embedding::new(max, config.hidden_size),
            token_type_embeddings: Embedding::new(2, config.hidden_size),
            layer_norm: layer_norm(config),
            dropout: Dropout::new(0.1),
        }
    }
}

impl Output<Meta> {
    fn new(in_features: usize, config: &Config) -> Self {
        let dense = Linear::new(in_features, config.hidden_size);
        Self { dense, layer_norm: layer_norm(config), dropout: Dropout::new(0.1) }
    }
}

impl Layer<Meta> {
    fn new(config: &Config) -> Self {
        let &Config { hidden_size, intermediate_size, num_attention_heads, .. } = config;
        let square = || Linear::new(hidden_size, hidden_size);
        let self_attention = SelfAttention {
            query: square(),
            key: square(),
            value: square(),
            dropout: Dropout::new(0.1),
            num_attention_heads,
        };
        Self {
            attention: Attention { self_attention, output: Output::new(hidden_size, config) },
            intermediate: Intermediate {
                dense: Linear::new(hidden_size, intermediate_size),
                intermediate_act_fn: GELU::new(),
            },
            output: Output::new(intermediate_size, config),
        }
    }
}

impl BertForMaskedLM<Meta> {
    fn new(config: &Config) -> Self {
        let embeddings = Embeddings::new(config);
        let bias = Param::new(config.vocab_size, init::ZERO);
        let mut decoder = Linear::new(config.hidden_size, config.vocab_size);
        // Tied: `decoder.weight` to the embedding, `decoder.bias` to the head's own.
        decoder.weight = embeddings.word_embeddings.weight.clone();
        decoder.bias = Some(bias.clone());
        let transform = Transform {
            dense: Linear::new(config.hidden_size, config.hidden_size),
            transform_act_fn: GELU::new(),
            layer_norm: layer_norm(config),
        };
        let layer = (0..config.num_hidden_layers).map(|_| Layer::new(config)).collect();
        Self {
            bert: BertModel { embeddings, encoder: Encoder { layer } },
            cls: Head { predictions: Predictions { bias, transform, decoder } },
        }
    }
}

/// What BERT is called with. `attention_mask` is 1 where there is a token and 0 where there is padding.
struct Input<'a, D: Device> {
    input_ids: &'a Tensor<D>,
    attention_mask: &'a Tensor<D>,
    token_type_ids: &'a Tensor<D>,
}

impl<D: Compute> Forward<(&Tensor<D>, &Tensor<D>)> for Embeddings<D> {
    type Output = Tensor<D>;

    fn forward(&self, (input_ids, token_type_ids): (&Tensor<D>, &Tensor<D>)) -> Result<Tensor<D>> {
        let positions = self.position_ids.narrow(1, 0, input_ids.dim(1)?)?;
        let x = self.word_embeddings.forward(input_ids)? + self.token_type_embeddings.forward(token_type_ids)?;
        let x = x?.broadcast_add(&self.position_embeddings.forward(&positions)?)?;
        self.dropout.forward(&self.layer_norm.forward(&x)?)
    }
}

impl<D: Compute> Forward<(&Tensor<D>, &Tensor<D>)> for SelfAttention<D> {
    type Output = Tensor<D>;

    /// `mask` is added to the scores.
    fn forward(&self, (x, mask): (&Tensor<D>, &Tensor<D>)) -> Result<Tensor<D>> {
        let (batch, len, hidden_size) = x.dims3()?;
        let size = hidden_size / self.num_attention_heads;
        let heads =
            |x: Tensor<D>| x.reshape((batch, len, self.num_attention_heads, size))?.transpose(1, 2)?.contiguous();
        let (q, k) = (heads(self.query.forward(x)?)?, heads(self.key.forward(x)?)?);
        let v = heads(self.value.forward(x)?)?;
        let scores = (q.matmul(&k.t()?)? / (size as f64).sqrt())?.broadcast_add(mask)?;
        let weights = self.dropout.forward(&scores.softmax(Minus1)?)?;
        weights.matmul(&v)?.transpose(1, 2)?.reshape((batch, len, hidden_size))
    }
}

impl<D: Compute> Forward<(&Tensor<D>, &Tensor<D>)> for Output<D> {
    type Output = Tensor<D>;

    fn forward(&self, (x, residual): (&Tensor<D>, &Tensor<D>)) -> Result<Tensor<D>> {
        let x = self.dropout.forward(&self.dense.forward(x)?)?;
        self.layer_norm.forward(&(x + residual)?)
    }
}

impl<D: Compute> Forward<(&Tensor<D>, &Tensor<D>)> for Layer<D> {
    type Output = Tensor<D>;

    fn forward(&self, (x, mask): (&Tensor<D>, &Tensor<D>)) -> Result<Tensor<D>> {
        let Attention { self_attention, output } = &self.attention;
        let x = output.forward((&self_attention.forward((x, mask))?, x))?;
        let Intermediate { dense, intermediate_act_fn } = &self.intermediate;
        let between = intermediate_act_fn.forward(&dense.forward(&x)?)?;
        self.output.forward((&between, &x))
    }
}

impl<D: Compute> Forward<Input<'_, D>> for BertModel<D> {
    type Output = Tensor<D>;

    fn forward(&self, input: Input<'_, D>) -> Result<Tensor<D>> {
        // 1 becomes 0, and 0 the least number there is.
        let mask = input.attention_mask.to_dtype(DType::F32)?.affine(-1.0, 1.0)?;
        let mask = (mask.unsqueeze(1)?.unsqueeze(1)? * f64::from(f32::MIN))?;
        let mut x = self.embeddings.forward((input.input_ids, input.token_type_ids))?;
        for layer in &self.encoder.layer {
            x = layer.forward((&x, &mask))?;
        }
        Ok(x)
    }
}

impl<D: Compute> Forward<Input<'_, D>> for BertForMaskedLM<D> {
    type Output = Tensor<D>;

    fn forward(&self, input: Input<'_, D>) -> Result<Tensor<D>> {
        let Predictions { transform, decoder, .. } = &self.cls.predictions;
        let x = transform.dense.forward(&self.bert.forward(input)?)?;
        decoder.forward(&transform.layer_norm.forward(&transform.transform_act_fn.forward(&x)?)?)
    }
}

const TINY: Config = Config {
    vocab_size: 30,
    max_positions: 16,
    hidden_size: 12,
    num_hidden_layers: 2,
    num_attention_heads: 3,
    intermediate_size: 20,
};

#[track_caller]
fn assert_computes_what_torch_computes(model: &BertForMaskedLM<Cpu>) {
    let run = Run::of("bert");
    let [input_ids, attention_mask, token_type_ids] =
        ["input_ids", "attention_mask", "token_type_ids"].map(|name| run.get(name));
    let input = Input { input_ids: &input_ids, attention_mask: &attention_mask, token_type_ids: &token_type_ids };
    assert_close(&model.forward(input).unwrap(), &run.get("logits"));
}

#[test]
fn bert_computes_what_torch_computes() {
    assert_computes_what_torch_computes(&loaded_and_saved(&BertForMaskedLM::new(&TINY), "bert"));
}

#[test]
fn a_file_with_gamma_and_beta_loads() {
    let state = torch_file("bert_2018").filter(|key| !key.ends_with(".position_ids"));
    // `LayerNorm` accepts the older names itself.
    let model = BertForMaskedLM::new(&TINY).load_state_dict(&state, Cpu).unwrap();
    assert_computes_what_torch_computes(&model);
}

#[test]
fn the_embedding_is_one_tensor_under_two_names() {
    let model = loaded_and_saved(&BertForMaskedLM::new(&TINY), "bert");
    let (embedding, decoder) = (&model.bert.embeddings.word_embeddings, &model.cls.predictions.decoder);
    assert_eq!(embedding.weight.leaf().identity(), decoder.weight.leaf().identity());
    assert_eq!(model.cls.predictions.bias.leaf().identity(), decoder.bias.as_ref().unwrap().leaf().identity());
}
