//! [`LayerNorm`]: `y = (x - E[x]) / √(Var[x] + eps) · w + b`, over the last dimensions of any input.

use candle_core::{Shape, Tensor as Candle, bail};

use super::normalise::normalise;
use super::row_norm::{RowNorm, cast};
use super::{compute, in_opmath};
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init;
use crate::module::{Forward, Param, Spec};
use crate::tensor::Tensor;

/// Normalises over the last dimensions: `y = (x - E[x]) / √(Var[x] + eps) · w + b`, with the biased variance.
///
/// Corresponds to [`torch.nn.LayerNorm`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html).
///
/// Files that come from TensorFlow, as the first ones of BERT, call the weight `gamma` and the bias `beta`: both are accepted
/// on load.
///
/// The mean is taken out before the squares are summed: candle's own layer norm computes `E[x²] - E[x]²` and loses all
/// digits where the mean is large.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let norm = LayerNorm::new(3).init(Cpu)?;
/// let y = norm.forward(&Tensor::from_vec(vec![1f32, 2.0, 3.0], (1, 3), Cpu)?)?;
/// let y = y.flatten_all()?.to_vec1::<f32>()?;
/// assert!((y[2] - 1.2247).abs() < 1e-4 && y[1] == 0.0);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct LayerNorm<D: Device> {
    /// `normalized_shape`; none with `elementwise_affine(false)`.
    #[module(alias = "gamma")]
    pub weight: Option<Param<D>>,
    /// `normalized_shape`; none with `elementwise_affine(false)` or `bias(false)`.
    #[module(alias = "beta")]
    pub bias: Option<Param<D>>,
    /// The sizes of the dimensions that are normalised together.
    pub normalized_shape: Shape,
    /// Added to the variance.
    pub eps: f64,
}

impl LayerNorm<Meta> {
    /// Declares the layer, with a weight, a bias and `eps = 1e-5`.
    pub fn new(normalized_shape: impl Into<Shape>) -> Self {
        let layer = Self { weight: None, bias: None, normalized_shape: normalized_shape.into(), eps: 1e-5 };
        layer.elementwise_affine(true)
    }

    /// What is added to the variance. PyTorch's default is 1e-5.
    #[must_use]
    pub fn eps(self, eps: f64) -> Self {
        Self { eps, ..self }
    }

    /// Whether it has a weight and a bias. PyTorch's default is `true`.
    #[must_use]
    pub fn elementwise_affine(mut self, elementwise_affine: bool) -> Self {
        if elementwise_affine != self.weight.is_some() {
            self.weight = elementwise_affine.then(|| self.declare(init::ONE));
            self.bias = elementwise_affine.then(|| self.declare(init::ZERO));
        }
        self
    }

    /// Whether it adds a bias; one without weight has none either. PyTorch's default is `true`.
    #[must_use]
    pub fn bias(mut self, bias: bool) -> Self {
        self.bias = (bias && self.weight.is_some()).then(|| self.declare(init::ZERO));
        self
    }

    fn declare(&self, init: init::Init) -> Param<Meta> {
        let spec = Spec::new(self.normalized_shape.clone(), init);
        Param::declare(match self.normalized_shape.rank() {
            0 => spec.invalid("expected normalized_shape to be at least 1-dimensional, got: []"),
            _ => spec,
        })
    }
}

/// # Errors
///
/// The input does not end in `normalized_shape`.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for LayerNorm<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let weight = self.weight.as_ref().map(Param::as_candle);
        let bias = self.bias.as_ref().map(Param::as_candle);
        compute(x, |x| layer_norm(x, self.normalized_shape.dims(), weight, bias, self.eps))
    }
}

fn layer_norm(
    x: &Candle,
    normalized_shape: &[usize],
    weight: Option<&Candle>,
    bias: Option<&Candle>,
    eps: f64,
) -> candle_core::Result<Candle> {
    let (dims, rank) = (x.dims(), normalized_shape.len());
    if rank == 0 || !dims.ends_with(normalized_shape) {
        bail!("LayerNorm: shape of the input, expected: (*, {normalized_shape:?}), got: {dims:?}")
    }
    if x.elem_count() == 0 {
        return Ok(x.clone());
    }
    in_opmath(x, |x| {
        let (weight, bias) = (cast(weight, x)?, cast(bias, x)?);
        let (weight, bias) = (weight.as_deref(), bias.as_deref());
        let features = normalized_shape.iter().product();
        let rows = RowNorm { features, is_centred: true, weight, bias, eps };
        if let Some(y) = rows.forward(x)? {
            return Ok(y);
        }
        let (weight, bias) = (flat(weight)?, flat(bias)?);
        let x = x.flatten_from(dims.len() - rank)?;
        let last = x.rank() - 1;
        let centred = x.broadcast_sub(&x.mean_keepdim(last)?)?;
        normalise(&centred, weight.as_ref(), bias.as_ref(), eps)?.reshape(dims)
    })
}

fn flat(parameter: Option<&Candle>) -> candle_core::Result<Option<Candle>> {
    parameter.map(Candle::flatten_all).transpose()
}
