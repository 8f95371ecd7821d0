//! [`BatchNorm1d`]: `y = (x - E[x]) / √(Var[x] + eps) · w + b`, per channel of `(N, C)` or `(N, C, L)`.

use candle_core::DType;

use super::batch_norm::{self, batch_norm};
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init;
use crate::module::{Buffer, Forward, Mode, Param, Spec};
use crate::tensor::Tensor;

batch_norm! {
    /// Normalises each channel of a batch of vectors or signals.
    ///
    /// Corresponds to [`torch.nn.BatchNorm1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html). The
    /// input is `(N, C)` or `(N, C, L)`. Statistics, modes and running statistics are those of
    /// [`BatchNorm2d`](super::BatchNorm2d).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let norm = BatchNorm1d::new(1).init(Cpu)?;
    /// let x = Tensor::from_vec(vec![1f32, 3.0], (2, 1), Cpu)?;
    /// let y = norm.forward(&x)?.flatten_all()?.to_vec1::<f32>()?; // mean 2, biased variance 1
    /// assert!((y[0] + 1.0).abs() < 1e-5 && (y[1] - 1.0).abs() < 1e-5);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    BatchNorm1d, 2 | 3, "(N, {0}) or (N, {0}, L)"
}
