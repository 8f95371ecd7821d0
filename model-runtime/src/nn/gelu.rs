//! [`GELU`]: `y = x · Φ(x)`, element by element.

use super::compute;
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The Gaussian error linear unit: `x · Φ(x)`, with the distribution function of the standard normal distribution.
///
/// Corresponds to [`torch.nn.GELU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GELU.html).
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![-1f32, 1.0], 2, Cpu)?;
/// let exact = GELU::new().forward(&x)?.to_vec1::<f32>()?;
/// assert!((exact[0] + 0.1587).abs() < 1e-4 && (exact[1] - 0.8413).abs() < 1e-4);
/// let tanh = GELU::new().approximate(Approximate::Tanh).forward(&x)?.to_vec1::<f32>()?;
/// assert!((tanh[0] + 0.1588).abs() < 1e-4 && (tanh[1] - 0.8412).abs() < 1e-4);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug, Default)]
pub struct GELU {
    /// The formula.
    #[module(skip)]
    pub approximate: Approximate,
}

/// The formula of a [`GELU`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
// PyTorch has these two: not `non_exhaustive`.
pub enum Approximate {
    /// `x · (1 + erf(x / √2)) / 2`, PyTorch's `"none"`.
    #[default]
    None,
    /// `x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) / 2`, PyTorch's `"tanh"`.
    Tanh,
}

impl GELU {
    /// The exact function.
    pub fn new() -> Self {
        Self::default()
    }

    /// The formula. PyTorch's default is [`Approximate::None`].
    #[must_use]
    pub fn approximate(self, approximate: Approximate) -> Self {
        Self { approximate }
    }
}

/// # Errors
///
/// An input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for GELU {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        match self.approximate {
            Approximate::None => compute(x, candle_core::Tensor::gelu_erf),
            Approximate::Tanh => compute(x, candle_core::Tensor::gelu),
        }
    }
}
