//! [`MultiheadAttention`]: `softmax(Q·Kᵀ / √d + mask)·V` in several heads, between linear projections.

use candle_core::Tensor as Candle;

use super::Linear;
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init::{self, Init};
use crate::module::{Forward, Mode, Param, Spec};
use crate::tensor::{OnDevice, Tensor};

mod attend;

use attend::{Attend, Projections};

/// Attention of a query to keys and values, in several heads.
///
/// Corresponds to
/// [`torch.nn.MultiheadAttention`](https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html). Query,
/// key and value are `(L, N, E)`, with `batch_first(true)` `(N, L, E)`, or one sequence `(L, E)`. It returns the output, of
/// the query's shape, and the weights, `(N, L, S)`, the mean of all heads. Masks are given with an [`AttentionInput`].
///
/// `in_proj_weight` starts as Xavier's uniform distribution, the output's projection as `Linear` does, biases as zeros.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let attention = MultiheadAttention::new(4, 2).batch_first(true).init(Cpu)?;
/// let x = Tensor::ones((1, 3, 4), DType::F32, Cpu)?;
/// let (output, weights) = attention.forward((&x, &x, &x))?;
/// assert_eq!(output.dims(), [1, 3, 4]);
/// let third = weights.get(0)?.get(0)?.to_vec1::<f32>()?; // equal keys get equal weights
/// assert!(third.iter().all(|weight| (weight - 1.0 / 3.0).abs() < 1e-6));
///
/// let future = Tensor::from_vec(vec![0u8, 1, 1, 0, 0, 1, 0, 0, 0], (3, 3), Cpu)?; // 1: not attended to
/// let (_, weights) = attention.forward(AttentionInput::new(&x, &x, &x).attn_mask(&future))?;
/// assert_eq!(weights.get(0)?.get(0)?.to_vec1::<f32>()?, [1.0, 0.0, 0.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct MultiheadAttention<D: Device> {
    /// `(3 · embed_dim, embed_dim)`, for query, key and value; none if keys or values have sizes of their own.
    pub in_proj_weight: Option<Param<D>>,
    /// `(embed_dim, embed_dim)`, in place of `in_proj_weight`.
    pub q_proj_weight: Option<Param<D>>,
    /// `(embed_dim, kdim)`, in place of `in_proj_weight`.
    pub k_proj_weight: Option<Param<D>>,
    /// `(embed_dim, vdim)`, in place of `in_proj_weight`.
    pub v_proj_weight: Option<Param<D>>,
    /// `(3 · embed_dim)`; none with `bias(false)`.
    pub in_proj_bias: Option<Param<D>>,
    /// `(1, 1, embed_dim)`, one more key; none without `add_bias_kv(true)`.
    pub bias_k: Option<Param<D>>,
    /// `(1, 1, embed_dim)`, its value.
    pub bias_v: Option<Param<D>>,
    /// The projection of the output.
    pub out_proj: Linear<D>,
    /// The features of query and output.
    pub embed_dim: usize,
    /// The heads.
    pub num_heads: usize,
    /// The probability that a weight is zero in training.
    pub dropout: f64,
    /// Whether one more key and value of zeros is attended to.
    pub add_zero_attn: bool,
    /// The features of the keys.
    pub kdim: usize,
    /// The features of the values.
    pub vdim: usize,
    /// Whether inputs and output are `(N, L, E)` and not `(L, N, E)`.
    pub batch_first: bool,
    /// Whether it is in training.
    pub mode: Mode,
}

impl MultiheadAttention<Meta> {
    /// Declares the layer, with biases, without dropout, `batch_first(false)`.
    pub fn new(embed_dim: usize, num_heads: usize) -> Self {
        let layer = Self {
            in_proj_weight: None,
            q_proj_weight: None,
            k_proj_weight: None,
            v_proj_weight: None,
            in_proj_bias: None,
            bias_k: None,
            bias_v: None,
            out_proj: Linear::new(embed_dim, embed_dim),
            embed_dim,
            num_heads,
            dropout: 0.0,
            add_zero_attn: false,
            kdim: embed_dim,
            vdim: embed_dim,
            batch_first: false,
            mode: Mode::default(),
        };
        layer.declare().bias(true)
    }

    /// The probability that a weight is zero in training. PyTorch's default is 0.
    #[must_use]
    pub fn dropout(self, dropout: f64) -> Self {
        Self { dropout, ..self }
    }

    /// Whether the projections add a bias. PyTorch's default is `true`.
    #[must_use]
    pub fn bias(mut self, bias: bool) -> Self {
        self.in_proj_bias = bias.then(|| Param::new(3 * self.embed_dim, init::ZERO));
        self.out_proj = self.out_proj.bias(false);
        self.out_proj.bias = bias.then(|| Param::new(self.embed_dim, init::ZERO));
        self
    }

    /// Whether there is one more key and value that are learned. PyTorch's default is `false`.
    #[must_use]
    pub fn add_bias_kv(mut self, add_bias_kv: bool) -> Self {
        // Xavier's normal distribution of a `(1, 1, E)`: both fans are E.
        let init = Init::Randn { mean: 0.0, stdev: 1.0 / (self.embed_dim as f64).sqrt() };
        let param = || add_bias_kv.then(|| Param::new((1, 1, self.embed_dim), init));
        (self.bias_k, self.bias_v) = (param(), param());
        self
    }

    /// Whether one more key and value of zeros is attended to. PyTorch's default is `false`.
    #[must_use]
    pub fn add_zero_attn(self, add_zero_attn: bool) -> Self {
        Self { add_zero_attn, ..self }
    }

    /// The features of the keys. PyTorch's default is `embed_dim`.
    #[must_use]
    pub fn kdim(self, kdim: usize) -> Self {
        Self { kdim, ..self }.declare()
    }

    /// The features of the values. PyTorch's default is `embed_dim`.
    #[must_use]
    pub fn vdim(self, vdim: usize) -> Self {
        Self { vdim, ..self }.declare()
    }

    /// Whether inputs and output are `(N, L, E)`. PyTorch's default is `false`: `(L, N, E)`.
    #[must_use]
    pub fn batch_first(self, batch_first: bool) -> Self {
        Self { batch_first, ..self }
    }

    /// Declares the projections of the inputs from the configuration.
    fn declare(mut self) -> Self {
        let embed_dim = self.embed_dim;
        let is_one = self.kdim == embed_dim && self.vdim == embed_dim;
        let refused = self.refused();
        let param = |rows: usize, columns: usize| {
            let spec = Spec::new((rows, columns), xavier_uniform(rows, columns));
            Some(Param::declare(match &refused {
                Some(reason) => spec.invalid(reason.as_str()),
                None => spec,
            }))
        };
        self.in_proj_weight = if is_one { param(3 * embed_dim, embed_dim) } else { None };
        self.q_proj_weight = if is_one { None } else { param(embed_dim, embed_dim) };
        self.k_proj_weight = if is_one { None } else { param(embed_dim, self.kdim) };
        self.v_proj_weight = if is_one { None } else { param(embed_dim, self.vdim) };
        self
    }
}

/// Corresponds to `torch.nn.init.xavier_uniform_`.
fn xavier_uniform(rows: usize, columns: usize) -> Init {
    let bound = (6.0 / (rows + columns).max(1) as f64).sqrt();
    Init::Uniform { lo: -bound, up: bound }
}

impl<D: Device> MultiheadAttention<D> {
    /// Why PyTorch refuses the configuration, in its words.
    fn refused(&self) -> Option<String> {
        let (embed_dim, num_heads) = (self.embed_dim, self.num_heads);
        if embed_dim == 0 || num_heads == 0 {
            let rule = "embed_dim and num_heads must be greater than 0";
            return Some(format!("MultiheadAttention: {rule}, got: embed_dim {embed_dim}, num_heads {num_heads}"));
        }
        let divides = embed_dim % num_heads == 0;
        let rule = "embed_dim must be divisible by num_heads";
        (!divides).then(|| format!("MultiheadAttention: {rule}, got: embed_dim {embed_dim}, num_heads {num_heads}"))
    }
}

/// What a [`MultiheadAttention`] is called with, if there is more than query, key and value.
///
/// A mask is of dtype `u8`, where anything but 0 means *not attended to*, as `True` does in PyTorch, or of the query's
/// dtype, and is added to the scores.
#[derive(Clone, Copy, Debug)]
pub struct AttentionInput<'a, D: Device> {
    query: &'a Tensor<D>,
    key: &'a Candle,
    value: &'a Candle,
    attn_mask: Option<&'a Candle>,
    key_padding_mask: Option<&'a Candle>,
    average_attn_weights: bool,
}

impl<'a, D: Compute> AttentionInput<'a, D> {
    /// Query, key and value, without masks.
    pub fn new(query: &'a Tensor<D>, key: &'a impl OnDevice<D>, value: &'a impl OnDevice<D>) -> Self {
        Self {
            query,
            key: key.operand(),
            value: value.operand(),
            attn_mask: None,
            key_padding_mask: None,
            average_attn_weights: true,
        }
    }

    /// Which keys each query does not attend to: `(L, S)`, or `(N · num_heads, L, S)`.
    #[must_use]
    pub fn attn_mask(self, attn_mask: &'a impl OnDevice<D>) -> Self {
        Self { attn_mask: Some(attn_mask.operand()), ..self }
    }

    /// Which keys are padding: `(N, S)`, or `(S)` for one sequence.
    #[must_use]
    pub fn key_padding_mask(self, key_padding_mask: &'a impl OnDevice<D>) -> Self {
        Self { key_padding_mask: Some(key_padding_mask.operand()), ..self }
    }

    /// Whether the weights are the mean of all heads, or `(N, num_heads, L, S)`. PyTorch's default is `true`.
    #[must_use]
    pub fn average_attn_weights(self, average_attn_weights: bool) -> Self {
        Self { average_attn_weights, ..self }
    }
}

/// Without masks.
///
/// # Errors
///
/// A declaration that PyTorch refuses; inputs of other shapes, or of another dtype than the weights.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<(&Tensor<D>, &Tensor<D>, &Tensor<D>)> for MultiheadAttention<D> {
    type Output = (Tensor<D>, Tensor<D>);

    fn forward(&self, (query, key, value): (&Tensor<D>, &Tensor<D>, &Tensor<D>)) -> Result<Self::Output> {
        self.forward(AttentionInput::new(query, key, value))
    }
}

/// # Errors
///
/// As without masks; and masks of other shapes or dtypes than they can have.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<AttentionInput<'_, D>> for MultiheadAttention<D> {
    type Output = (Tensor<D>, Tensor<D>);

    fn forward(&self, input: AttentionInput<'_, D>) -> Result<Self::Output> {
        if let Some(reason) = self.refused() {
            return Err(candle_core::Error::Msg(reason).into());
        }
        let attend = Attend {
            num_heads: self.num_heads,
            sizes: [self.embed_dim, self.kdim, self.vdim],
            batch_first: self.batch_first,
            dropout: if self.mode.is_training() { self.dropout } else { 0.0 },
            add_zero_attn: self.add_zero_attn,
            average: input.average_attn_weights,
            key_padding_mask: input.key_padding_mask,
            attn_mask: input.attn_mask,
        };
        let inputs = [input.query.as_candle(), input.key, input.value];
        let (output, weights) = attend.run(inputs, &self.projections()?)?;
        Ok((Tensor::wrap(output), Tensor::wrap(weights)))
    }
}

impl<D: Compute> MultiheadAttention<D> {
    fn projections(&self) -> candle_core::Result<Projections> {
        let own = [&self.q_proj_weight, &self.k_proj_weight, &self.v_proj_weight];
        let tensor = |param: &Option<Param<D>>| param.as_ref().map(|param| param.as_candle().clone());
        let weights = match &self.in_proj_weight {
            Some(weight) => weight.as_candle().chunk(3, 0)?,
            None => own.into_iter().filter_map(tensor).collect(),
        };
        Ok(Projections {
            weights,
            biases: self.in_proj_bias.as_ref().map(|bias| bias.as_candle().chunk(3, 0)).transpose()?,
            more: tensor(&self.bias_k).zip(tensor(&self.bias_v)),
            output: (self.out_proj.weight.as_candle().clone(), tensor(&self.out_proj.bias)),
        })
    }
}
