//! [`BatchNorm2d`]: `y = (x - E[x]) / √(Var[x] + eps) · w + b`, per channel of `(N, C, H, W)`.

use candle_core::{DType, Tensor as Candle, bail};

use super::{compute, in_opmath};
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init;
use crate::module::{Buffer, Forward, Mode, Param, Spec};
use crate::tensor::Tensor;

/// Normalises each channel of a batch of images.
///
/// Corresponds to [`torch.nn.BatchNorm2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html). In
/// evaluation mode with the running statistics; in training mode, and without running statistics, with those of the
/// batch (the biased variance). In training mode `forward` updates the running statistics in place, with the unbiased
/// variance: `running = (1 - momentum) · running + momentum · batch`.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let norm = BatchNorm2d::new(1).init(Cpu)?;
/// let x = Tensor::from_vec(vec![1f32, 3.0], (1, 1, 1, 2), Cpu)?;
/// let y = norm.forward(&x)?.flatten_all()?.to_vec1::<f32>()?; // mean 2, biased variance 1
/// assert!((y[0] + 1.0).abs() < 1e-5 && (y[1] - 1.0).abs() < 1e-5);
///
/// let running_var = norm.running_var.as_ref().expect("it tracks").to_vec1::<f32>()?;
/// assert!((running_var[0] - (0.9 * 1.0 + 0.1 * 2.0)).abs() < 1e-6); // unbiased variance 2
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct BatchNorm2d<D: Device> {
    /// `(num_features)`; none with `affine(false)`.
    pub weight: Option<Param<D>>,
    /// `(num_features)`; none with `affine(false)`.
    pub bias: Option<Param<D>>,
    /// `(num_features)`; none with `track_running_stats(false)`.
    pub running_mean: Option<Buffer<D>>,
    /// `(num_features)`; none with `track_running_stats(false)`.
    pub running_var: Option<Buffer<D>>,
    /// A scalar of dtype `i64`; none with `track_running_stats(false)`. Files from before PyTorch 0.4.1 lack it.
    pub num_batches_tracked: Option<Buffer<D>>,
    /// The channels of the input.
    pub num_features: usize,
    /// Added to the variance.
    pub eps: f64,
    /// The part of the batch in the running statistics; `None` for the average of all batches.
    pub momentum: Option<f64>,
    /// Whether it is in training.
    pub mode: Mode,
}

impl BatchNorm2d<Meta> {
    /// Declares the layer, with weight, bias and running statistics, `eps = 1e-5` and `momentum = 0.1`.
    pub fn new(num_features: usize) -> Self {
        let layer = Self {
            weight: None,
            bias: None,
            running_mean: None,
            running_var: None,
            num_batches_tracked: None,
            num_features,
            eps: 1e-5,
            momentum: Some(0.1),
            mode: Mode::default(),
        };
        layer.affine(true).track_running_stats(true)
    }

    /// What is added to the variance. PyTorch's default is 1e-5.
    #[must_use]
    pub fn eps(self, eps: f64) -> Self {
        Self { eps, ..self }
    }

    /// The part of the batch in the running statistics, or `None` for the average of all batches. PyTorch's default is
    /// 0.1.
    #[must_use]
    pub fn momentum(self, momentum: impl Into<Option<f64>>) -> Self {
        Self { momentum: momentum.into(), ..self }
    }

    /// Whether it has a weight and a bias. PyTorch's default is `true`.
    #[must_use]
    pub fn affine(mut self, affine: bool) -> Self {
        self.weight = affine.then(|| Param::new(self.num_features, init::ONE));
        self.bias = affine.then(|| Param::new(self.num_features, init::ZERO));
        self
    }

    /// Whether it has running statistics. PyTorch's default is `true`.
    #[must_use]
    pub fn track_running_stats(mut self, track: bool) -> Self {
        let count = || Spec::new((), init::ZERO).dtype(DType::I64).since_version(2);
        self.running_mean = track.then(|| Buffer::new(self.num_features, init::ZERO));
        self.running_var = track.then(|| Buffer::new(self.num_features, init::ONE));
        self.num_batches_tracked = track.then(|| Buffer::declare(count()));
        self
    }
}

/// # Errors
///
/// The input is no batch of images, has not `num_features` channels, or has only one value per channel where it is
/// normalised with its own statistics.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for BatchNorm2d<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        check_input(x.as_candle(), self.num_features)?;
        let training = self.mode.is_training();
        let statistics = match (&self.running_mean, &self.running_var) {
            (Some(mean), Some(var)) if !training => {
                Statistics { mean: mean.as_candle().clone(), var: var.as_candle().clone() }
            }
            _ => Statistics::of(x.as_candle())?,
        };
        if training {
            self.track(x.as_candle(), &statistics)?;
        }
        let weight = self.weight.as_ref().map(Param::as_candle);
        let bias = self.bias.as_ref().map(Param::as_candle);
        compute(x, |x| in_opmath(x, |x| statistics.normalise(x, weight, bias, self.eps)))
    }
}

impl<D: Compute> BatchNorm2d<D> {
    /// Updates the running statistics with those of a batch.
    fn track(&self, x: &Candle, batch: &Statistics) -> Result<()> {
        let (Some(mean), Some(var)) = (&self.running_mean, &self.running_var) else { return Ok(()) };
        let factor = match &self.num_batches_tracked {
            Some(count) => {
                count.set(&compute(count.tensor(), |count| count.affine(1.0, 1.0))?)?;
                factor(self.momentum, count.as_candle())?
            }
            None => factor(self.momentum, &Candle::ones((), DType::I64, x.device())?)?,
        };
        let updated = Statistics::updated(mean.as_candle(), var.as_candle(), &batch.unbiased(x)?, &factor)?;
        mean.set(&compute(mean.tensor(), |_| Ok(updated.mean))?)?;
        var.set(&compute(var.tensor(), |_| Ok(updated.var))?)
    }
}

/// The part of a batch in the running statistics, a scalar that stays on its device.
fn factor(momentum: Option<f64>, num_batches_tracked: &Candle) -> candle_core::Result<Candle> {
    match momentum {
        Some(momentum) => Candle::full(momentum as f32, (), num_batches_tracked.device()),
        None => num_batches_tracked.to_dtype(DType::F32)?.recip(),
    }
}

/// The mean and the variance of each channel.
struct Statistics {
    mean: Candle,
    var: Candle,
}

impl Statistics {
    /// Of a batch; the variance is biased.
    fn of(x: &Candle) -> candle_core::Result<Self> {
        let (batch, _, height, width) = x.dims4()?;
        if batch * height * width <= 1 {
            bail!("BatchNorm2d: values per channel when training, expected: more than 1, got: input {:?}", x.dims())
        }
        let x = match x.dtype() {
            DType::F16 | DType::BF16 => x.to_dtype(DType::F32)?,
            _ => x.clone(),
        };
        let mean = channel_means(&x)?;
        let var = channel_means(&x.broadcast_sub(&mean)?.sqr()?)?;
        Ok(Self { mean: mean.flatten_all()?, var: var.flatten_all()? })
    }

    /// With the unbiased variance, for the running statistics, without gradients.
    fn unbiased(&self, x: &Candle) -> candle_core::Result<Self> {
        let (batch, _, height, width) = x.dims4()?;
        let count = (batch * height * width) as f64;
        Ok(Self { mean: self.mean.detach(), var: (self.var.detach() * (count / (count - 1.0)))? })
    }

    /// `(1 - factor) · running + factor · batch`, in the dtype of the running statistics.
    fn updated(mean: &Candle, var: &Candle, batch: &Self, factor: &Candle) -> candle_core::Result<Self> {
        let updated = |running: &Candle, batch: &Candle| {
            let factor = factor.to_dtype(batch.dtype())?;
            let kept = running.to_dtype(batch.dtype())?.broadcast_mul(&factor.affine(-1.0, 1.0)?)?;
            (kept + batch.broadcast_mul(&factor)?)?.to_dtype(running.dtype())
        };
        Ok(Self { mean: updated(mean, &batch.mean)?, var: updated(var, &batch.var)? })
    }

    /// `(x - mean) / √(var + eps) · weight + bias`.
    fn normalise(
        &self,
        x: &Candle,
        weight: Option<&Candle>,
        bias: Option<&Candle>,
        eps: f64,
    ) -> candle_core::Result<Candle> {
        let channels = |tensor: &Candle| tensor.to_dtype(x.dtype())?.reshape((1, (), 1, 1));
        let scale = (channels(&self.var)? + eps)?.sqrt()?.recip()?;
        let scale = match weight {
            Some(weight) => (scale * channels(weight)?)?,
            None => scale,
        };
        let y = x.broadcast_sub(&channels(&self.mean)?)?.broadcast_mul(&scale)?;
        match bias {
            Some(bias) => y.broadcast_add(&channels(bias)?),
            None => Ok(y),
        }
    }
}

/// The mean of each channel, one side after the other, so that no long sum loses digits.
fn channel_means(x: &Candle) -> candle_core::Result<Candle> {
    x.mean_keepdim(3)?.mean_keepdim(2)?.mean_keepdim(0)
}

/// The one check of a batch norm's input.
fn check_input(x: &Candle, num_features: usize) -> candle_core::Result<()> {
    match x.dims() {
        [_, channels, _, _] if *channels == num_features => Ok(()),
        dims => bail!("BatchNorm2d: shape of the input, expected: (N, {num_features}, H, W), got: {dims:?}"),
    }
}
