//! [`Dropout`]: in training, zeros in random places: `y = x · m / (1 - p)`.

use candle_core::bail;

use super::compute;
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::{Forward, Mode};
use crate::tensor::Tensor;

/// In training mode, sets each element to zero with probability `p` and scales the others by `1 / (1 - p)`; else nothing.
///
/// Corresponds to [`torch.nn.Dropout`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html). The places
/// are drawn by candle on the tensor's device; on the CPU candle takes no seed.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let dropout = Dropout::new(0.5);
/// let x = Tensor::ones(100, DType::F32, Cpu)?;
/// let y = dropout.forward(&x)?.to_vec1::<f32>()?;
/// assert!(y.iter().all(|y| *y == 0.0 || *y == 2.0));
///
/// dropout.eval();
/// assert_eq!(dropout.forward(&x)?.to_vec1::<f32>()?, [1.0; 100]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct Dropout {
    /// The probability of a zero.
    pub p: f64,
    /// Whether it is in training.
    pub mode: Mode,
}

impl Dropout {
    /// Zeros with probability `p`. PyTorch's default, which `Dropout::default()` has, is 0.5.
    pub fn new(p: f64) -> Self {
        Self { p, mode: Mode::default() }
    }
}

/// PyTorch's default: `p = 0.5`.
impl Default for Dropout {
    fn default() -> Self {
        Self::new(0.5)
    }
}

/// # Errors
///
/// `p` is not a probability, in either mode; in training mode, an input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Dropout {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| dropout(x, self.p, self.mode.is_training()))
    }
}

pub(super) fn dropout(x: &candle_core::Tensor, p: f64, training: bool) -> candle_core::Result<candle_core::Tensor> {
    if !(0.0..=1.0).contains(&p) {
        bail!("Dropout: probability, expected: between 0 and 1, got: {p}")
    }
    match training && p > 0.0 {
        false => Ok(x.clone()),
        // candle refuses 1, where the scale is infinite.
        true if p == 1.0 => x.zeros_like(),
        true => candle_nn::ops::dropout(x, p as f32),
    }
}
