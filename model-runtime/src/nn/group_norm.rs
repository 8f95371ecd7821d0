//! [`GroupNorm`]: `y = (x - E[x]) / √(Var[x] + eps) · w + b`, over groups of channels of each element of a batch.

use candle_core::{Tensor as Candle, bail};

use super::normalise::{normalise, per_channel};
use super::row_norm::RowNorm;
use super::{compute, in_opmath};
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init;
use crate::module::{Forward, Param, Spec};
use crate::tensor::Tensor;

/// Normalises groups of channels of `(N, C, *)`, each element of the batch for itself, with the biased variance.
///
/// Corresponds to [`torch.nn.GroupNorm`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html). It is
/// the same in training and in evaluation.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let norm = GroupNorm::new(2, 4).init(Cpu)?;
/// let x = Tensor::from_vec(vec![1f32, 3.0, 10.0, 30.0], (1, 4), Cpu)?;
/// let y = norm.forward(&x)?.flatten_all()?.to_vec1::<f32>()?;
/// assert!([-1.0, 1.0, -1.0, 1.0].iter().zip(y).all(|(expected, y)| (expected - y).abs() < 1e-5));
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct GroupNorm<D: Device> {
    /// `(num_channels)`; none with `affine(false)`.
    pub weight: Option<Param<D>>,
    /// `(num_channels)`; none with `affine(false)` or `bias(false)`.
    pub bias: Option<Param<D>>,
    /// The groups of channels.
    pub num_groups: usize,
    /// The channels of the input.
    pub num_channels: usize,
    /// Added to the variance.
    pub eps: f64,
}

impl GroupNorm<Meta> {
    /// Declares the layer, with a weight, a bias and `eps = 1e-5`.
    pub fn new(num_groups: usize, num_channels: usize) -> Self {
        let layer = Self { weight: None, bias: None, num_groups, num_channels, eps: 1e-5 };
        layer.affine(true)
    }

    /// What is added to the variance. PyTorch's default is 1e-5.
    #[must_use]
    pub fn eps(self, eps: f64) -> Self {
        Self { eps, ..self }
    }

    /// Whether it has a weight and a bias. PyTorch's default is `true`.
    #[must_use]
    pub fn affine(mut self, affine: bool) -> Self {
        if affine != self.weight.is_some() {
            self.weight = affine.then(|| self.declare(init::ONE));
            self.bias = affine.then(|| self.declare(init::ZERO));
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
        let spec = Spec::new(self.num_channels, init);
        Param::declare(match self.refused() {
            Some(reason) => spec.invalid(reason),
            None => spec,
        })
    }
}

impl<D: Device> GroupNorm<D> {
    /// Why PyTorch refuses the configuration, in its words where it has some.
    fn refused(&self) -> Option<String> {
        let (groups, channels) = (self.num_groups, self.num_channels);
        let divides = channels.checked_rem(groups) == Some(0);
        (!divides).then(|| format!("num_channels ({channels}) must be divisible by num_groups ({groups})"))
    }
}

/// # Errors
///
/// The input has less than two dimensions, not `num_channels` channels, or only one value per group in the whole batch.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for GroupNorm<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        if let Some(reason) = self.refused() {
            return Err(candle_core::Error::Msg(format!("GroupNorm: {reason}")).into());
        }
        check_input(x.as_candle(), self.num_groups, self.num_channels)?;
        let (weight, bias) = (self.weight.as_ref().map(Param::as_candle), self.bias.as_ref().map(Param::as_candle));
        compute(x, |x| group_norm(x, self.num_groups, weight, bias, self.eps))
    }
}

/// Normalises `groups` of the second dimension.
pub(super) fn group_norm(
    x: &Candle,
    groups: usize,
    weight: Option<&Candle>,
    bias: Option<&Candle>,
    eps: f64,
) -> candle_core::Result<Candle> {
    if x.elem_count() == 0 {
        return Ok(x.clone());
    }
    in_opmath(x, |x| {
        let rows = x.reshape((x.dim(0)? * groups, ()))?;
        let kernel = RowNorm { features: rows.dim(1)?, is_centred: true, weight: None, bias: None, eps };
        if let Some(y) = kernel.forward(&rows)? {
            return per_channel(y.reshape(x.shape())?, weight, bias);
        }
        let centred = rows.broadcast_sub(&rows.mean_keepdim(1)?)?;
        per_channel(normalise(&centred, None, None, eps)?.reshape(x.shape())?, weight, bias)
    })
}

/// The one check of a group norm's input.
fn check_input(x: &Candle, num_groups: usize, num_channels: usize) -> candle_core::Result<()> {
    match x.dims() {
        [batch, channels, rest @ ..] if *channels == num_channels => {
            match batch * channels / num_groups * rest.iter().product::<usize>() {
                1 => bail!("GroupNorm: values per group, expected: more than 1, got: input {:?}", x.dims()),
                _ => Ok(()),
            }
        }
        dims => bail!("GroupNorm: shape of the input, expected: (N, {num_channels}, *), got: {dims:?}"),
    }
}
