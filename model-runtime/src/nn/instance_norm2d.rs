//! [`InstanceNorm2d`]: `y = (x - E[x]) / √(Var[x] + eps) · w + b`, per channel of each image.

use candle_core::{DType, Tensor as Candle, bail};

use super::batch_norm::Statistics;
use super::batched::batched;
use super::group_norm::group_norm;
use super::{compute, in_opmath};
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init;
use crate::module::{Buffer, Forward, Mode, Param, Spec};
use crate::tensor::Tensor;

/// Normalises each channel of each image for itself, with the biased variance.
///
/// Corresponds to [`torch.nn.InstanceNorm2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html).
/// It is the same in training and in evaluation, unless it has running statistics: evaluation then takes those, and
/// training updates them with the mean of the images' statistics. `num_batches_tracked` stays as it is, as in PyTorch.
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
    /// `(num_features)`; none without `track_running_stats(true)`.
    pub running_mean: Option<Buffer<D>>,
    /// `(num_features)`; none without `track_running_stats(true)`.
    pub running_var: Option<Buffer<D>>,
    /// A scalar of dtype `i64`; none without `track_running_stats(true)`. Files from before PyTorch 0.4.1 lack it.
    pub num_batches_tracked: Option<Buffer<D>>,
    /// The channels of the input.
    pub num_features: usize,
    /// Added to the variance.
    pub eps: f64,
    /// The part of the batch in the running statistics; `None` keeps them as they are, as in PyTorch.
    pub momentum: Option<f64>,
    /// Whether it is in training.
    pub mode: Mode,
}

impl InstanceNorm2d<Meta> {
    /// Declares the layer, without parameters and running statistics, `eps = 1e-5` and `momentum = 0.1`.
    pub fn new(num_features: usize) -> Self {
        Self {
            weight: None,
            bias: None,
            running_mean: None,
            running_var: None,
            num_batches_tracked: None,
            num_features,
            eps: 1e-5,
            momentum: Some(0.1),
            mode: Mode::default(),
        }
    }

    /// What is added to the variance. PyTorch's default is 1e-5.
    #[must_use]
    pub fn eps(self, eps: f64) -> Self {
        Self { eps, ..self }
    }

    /// The part of the batch in the running statistics, or `None` to keep them as they are. PyTorch's default is 0.1.
    #[must_use]
    pub fn momentum(self, momentum: impl Into<Option<f64>>) -> Self {
        Self { momentum: momentum.into(), ..self }
    }

    /// Whether it has running statistics. PyTorch's default is `false`.
    #[must_use]
    pub fn track_running_stats(mut self, track: bool) -> Self {
        let count = || Spec::new((), init::ZERO).dtype(DType::I64).since_version(2);
        self.running_mean = track.then(|| Buffer::new(self.num_features, init::ZERO));
        self.running_var = track.then(|| Buffer::new(self.num_features, init::ONE));
        self.num_batches_tracked = track.then(|| Buffer::declare(count()));
        self
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
/// weight), or has only one element per channel where it is normalised with its own statistics.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for InstanceNorm2d<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let (weight, bias) = (self.weight.as_ref().map(Param::as_candle), self.bias.as_ref().map(Param::as_candle));
        let running = self.running_mean.as_ref().zip(self.running_var.as_ref());
        if let (Some((mean, var)), false) = (running, self.mode.is_training()) {
            let statistics = Statistics { mean: mean.as_candle().clone(), var: var.as_candle().clone() };
            return compute(x, |x| {
                batched("InstanceNorm2d", x, |x| {
                    check_channels(x, self.num_features)?;
                    in_opmath(x, |x| statistics.normalise(x, weight, bias, self.eps))
                })
            });
        }
        let y = compute(x, |x| {
            batched("InstanceNorm2d", x, |x| {
                check_channels(x, self.num_features)?;
                check_elements(x)?;
                group_norm(x, self.num_features, weight, bias, self.eps)
            })
        })?;
        if let (Some(running), Some(momentum)) = (running, self.momentum) {
            track(running, momentum, x)?;
        }
        Ok(y)
    }
}

/// Updates the running mean and variance with those of the images.
fn track<D: Compute>((mean, var): (&Buffer<D>, &Buffer<D>), momentum: f64, x: &Tensor<D>) -> Result<()> {
    let images = Statistics::of_images(&x.as_candle().detach())?;
    let factor = Candle::full(momentum as f32, (), images.mean.device())?;
    let updated = Statistics::updated(mean.as_candle(), var.as_candle(), &images, &factor)?;
    mean.set(&compute(mean.tensor(), |_| Ok(updated.mean))?)?;
    var.set(&compute(var.tensor(), |_| Ok(updated.var))?)
}

fn check_channels(x: &Candle, num_features: usize) -> candle_core::Result<()> {
    if x.dim(1)? != num_features {
        bail!("InstanceNorm2d: channels of the input, expected: {num_features}, got: input {:?}", x.dims())
    }
    Ok(())
}

fn check_elements(x: &Candle) -> candle_core::Result<()> {
    if x.dims()[2..].iter().product::<usize>() == 1 {
        bail!("InstanceNorm2d: elements per channel, expected: more than 1, got: input {:?}", x.dims())
    }
    Ok(())
}
