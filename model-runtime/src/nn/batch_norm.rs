//! What the batch norms share: their declaration, and statistics of each channel.

use candle_core::{DType, Tensor as Candle, bail};

use super::{compute, in_opmath};
use crate::device::Compute;
use crate::error::Result;
use crate::module::{Buffer, Mode, Param};
use crate::tensor::Tensor;

/// A batch norm: `$name`, whose input has one of the ranks `$ranks`, `$shape` in words.
macro_rules! batch_norm {
    ($(#[$meta:meta])* $name:ident, $ranks:pat, $shape:literal) => {
        $(#[$meta])*
        #[derive(Module, Clone, Debug)]
        pub struct $name<D: Device> {
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

        impl $name<Meta> {
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
        /// The input has another rank than the layer's, or not `num_features` channels; or it has only one value per
        /// channel where it is normalised with its own statistics.
        #[diagnostic::do_not_recommend]
        impl<D: Compute> Forward<&Tensor<D>> for $name<D> {
            type Output = Tensor<D>;

            fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
                if !matches!(x.rank(), $ranks) || x.dim(1)? != self.num_features {
                    let expected = format!($shape, self.num_features);
                    return batch_norm::refused(stringify!($name), &expected, x.dims());
                }
                let parts = batch_norm::Parts {
                    layer: stringify!($name),
                    affine: (self.weight.as_ref(), self.bias.as_ref()),
                    running: self.running_mean.as_ref().zip(self.running_var.as_ref()),
                    num_batches_tracked: self.num_batches_tracked.as_ref(),
                    eps: self.eps,
                    momentum: self.momentum,
                    mode: &self.mode,
                };
                batch_norm::forward(x, &parts)
            }
        }
    };
}

pub(super) use batch_norm;

/// The fields of a batch norm.
pub(super) struct Parts<'a, D: Compute> {
    pub(super) layer: &'static str,
    pub(super) affine: (Option<&'a Param<D>>, Option<&'a Param<D>>),
    pub(super) running: Option<(&'a Buffer<D>, &'a Buffer<D>)>,
    pub(super) num_batches_tracked: Option<&'a Buffer<D>>,
    pub(super) eps: f64,
    pub(super) momentum: Option<f64>,
    pub(super) mode: &'a Mode,
}

/// The error that an input is of another shape.
pub(super) fn refused<T>(layer: &str, expected: &str, got: &[usize]) -> Result<T> {
    Err(candle_core::Error::Msg(format!("{layer}: shape of the input, expected: {expected}, got: {got:?}")).into())
}

/// Normalises `(N, C, *)` per channel, and updates the running statistics in training.
pub(super) fn forward<D: Compute>(x: &Tensor<D>, parts: &Parts<'_, D>) -> Result<Tensor<D>> {
    let images = as_images(x.as_candle())?;
    let training = parts.mode.is_training();
    let statistics = match parts.running {
        Some((mean, var)) if !training => Statistics { mean: mean.as_candle().clone(), var: var.as_candle().clone() },
        _ => Statistics::of(parts.layer, &images, x.dims())?,
    };
    if training {
        parts.track(&images, &statistics)?;
    }
    let (weight, bias) = (parts.affine.0.map(Param::as_candle), parts.affine.1.map(Param::as_candle));
    compute(x, |x| {
        let y = in_opmath(&images, |images| statistics.normalise(images, weight, bias, parts.eps))?;
        y.reshape(x.shape())
    })
}

/// `(N, C)` and `(N, C, L)` as `(N, C, H, W)`.
fn as_images(x: &Candle) -> candle_core::Result<Candle> {
    match x.dims() {
        [batch, channels] => x.reshape((*batch, *channels, 1, 1)),
        [batch, channels, len] => x.reshape((*batch, *channels, 1, *len)),
        _ => Ok(x.clone()),
    }
}

impl<D: Compute> Parts<'_, D> {
    /// Updates the running statistics with those of a batch.
    fn track(&self, x: &Candle, batch: &Statistics) -> Result<()> {
        let Some((mean, var)) = self.running else { return Ok(()) };
        let factor = match self.num_batches_tracked {
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
pub(super) struct Statistics {
    pub(super) mean: Candle,
    pub(super) var: Candle,
}

impl Statistics {
    /// Of a batch; the variance is biased.
    fn of(layer: &str, x: &Candle, shown: &[usize]) -> candle_core::Result<Self> {
        let (batch, _, height, width) = x.dims4()?;
        if batch * height * width <= 1 {
            bail!("{layer}: values per channel when training, expected: more than 1, got: input {shown:?}")
        }
        let x = match x.dtype() {
            DType::F16 | DType::BF16 => x.to_dtype(DType::F32)?,
            _ => x.clone(),
        };
        let mean = channel_means(&x)?;
        let var = channel_means(&x.broadcast_sub(&mean)?.sqr()?)?;
        Ok(Self { mean: mean.flatten_all()?, var: var.flatten_all()? })
    }

    /// The means over images `(N, C, H, W)`, or one `(C, H, W)`, of the mean and the unbiased variance of each channel.
    pub(super) fn of_images(x: &Candle) -> candle_core::Result<Self> {
        let x = if x.rank() == 3 { x.unsqueeze(0)? } else { x.clone() };
        let x = match x.dtype() {
            DType::F16 | DType::BF16 => x.to_dtype(DType::F32)?,
            _ => x,
        };
        let x = x.flatten_from(2)?;
        let mean = x.mean_keepdim(2)?;
        let count = x.dim(2)? as f64;
        let var = (x.broadcast_sub(&mean)?.sqr()?.sum(2)? / (count - 1.0))?;
        Ok(Self { mean: mean.squeeze(2)?.mean(0)?, var: var.mean(0)? })
    }

    /// With the unbiased variance, for the running statistics, without gradients.
    fn unbiased(&self, x: &Candle) -> candle_core::Result<Self> {
        let (batch, _, height, width) = x.dims4()?;
        let count = (batch * height * width) as f64;
        Ok(Self { mean: self.mean.detach(), var: (self.var.detach() * (count / (count - 1.0)))? })
    }

    /// `(1 - factor) · running + factor · batch`, in the dtype of the running statistics.
    pub(super) fn updated(mean: &Candle, var: &Candle, batch: &Self, factor: &Candle) -> candle_core::Result<Self> {
        let updated = |running: &Candle, batch: &Candle| {
            let factor = factor.to_dtype(batch.dtype())?;
            let kept = running.to_dtype(batch.dtype())?.broadcast_mul(&factor.affine(-1.0, 1.0)?)?;
            (kept + batch.broadcast_mul(&factor)?)?.to_dtype(running.dtype())
        };
        Ok(Self { mean: updated(mean, &batch.mean)?, var: updated(var, &batch.var)? })
    }

    /// `(x - mean) / √(var + eps) · weight + bias`.
    pub(super) fn normalise(
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
