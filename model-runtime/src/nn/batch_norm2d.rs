//! [`BatchNorm2d`]: `y = (x - E[x]) / √(Var[x] + eps) · w + b`, per channel of `(N, C, H, W)`.

use candle_core::DType;

use super::batch_norm::{self, batch_norm};
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init;
use crate::module::{Buffer, Forward, Mode, Param, Spec};
use crate::tensor::Tensor;

batch_norm! {
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
    BatchNorm2d, 4, "(N, {}, H, W)"
}
