//! [`InstanceNorm2d`]: `y = (x - E[x]) / √(Var[x] + eps) · w + b`, per channel of each image.

use candle_core::{Tensor as Candle, bail};

use super::batched::batched;
use super::compute;
use super::group_norm::group_norm;
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init;
use crate::module::{Forward, Param};
use crate::tensor::Tensor;

/// Normalises each channel of each image for itself, with the biased variance.
///
/// Corresponds to [`torch.nn.InstanceNorm2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html)
/// without `track_running_stats`, which is off by default there. It is the same in training and in evaluation.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let norm = InstanceNorm2d::new(2).init(Cpu)?;
/// let x = Tensor::from_vec(vec![1f32, 3.0, 10.0, 30.0], (1, 2, 1, 2), Cpu)?;
/// let y = norm.forward(&x)?.flatten_all()?.to_vec1::<f32>()?;
/// assert!([-1.0, 1.0, -1.0, 1.0].iter().zip(y).all(|(expected, y)| (expected - y).abs() < 1e-5));
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct InstanceNorm2d<D: Device> {
    /// `(num_features)`; none without `affine(true)`.
    pub weight: Option<Param<D>>,
    /// `(num_features)`; none without `affine(true)`.
    pub bias: Option<Param<D>>,
    /// The channels of the input.
    pub num_features: usize,
    /// Added to the variance.
    pub eps: f64,
}

impl InstanceNorm2d<Meta> {
    /// Declares the layer, without parameters, and `eps = 1e-5`.
    pub fn new(num_features: usize) -> Self {
        Self { weight: None, bias: None, num_features, eps: 1e-5 }
    }

    /// What is added to the variance. PyTorch's default is 1e-5.
    #[must_use]
    pub fn eps(self, eps: f64) -> Self {
        Self { eps, ..self }
    }

    /// Whether it has a weight and a bias. PyTorch's default is `false`.
    #[must_use]
    pub fn affine(mut self, affine: bool) -> Self {
        self.weight = affine.then(|| Param::new(self.num_features, init::ONE));
        self.bias = affine.then(|| Param::new(self.num_features, init::ZERO));
        self
    }
}

/// # Errors
///
/// The input is no image or batch of images, has not `num_features` channels (PyTorch only warns of that if there is no
/// weight), or has only one element per channel.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for InstanceNorm2d<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let (weight, bias) = (self.weight.as_ref().map(Param::as_candle), self.bias.as_ref().map(Param::as_candle));
        compute(x, |x| {
            batched("InstanceNorm2d", x, |x| {
                check_input(x, self.num_features)?;
                group_norm(x, self.num_features, weight, bias, self.eps)
            })
        })
    }
}

/// The one check of an instance norm's input.
fn check_input(x: &Candle, num_features: usize) -> candle_core::Result<()> {
    match x.dims() {
        [_, channels, 1, 1] if *channels == num_features => {
            bail!("InstanceNorm2d: elements per channel, expected: more than 1, got: input {:?}", x.dims())
        }
        [_, channels, ..] if *channels == num_features => Ok(()),
        dims => bail!("InstanceNorm2d: channels of the input, expected: {num_features}, got: input {dims:?}"),
    }
}
