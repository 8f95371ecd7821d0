//! [`ELU`]: `y = x for x > 0, else alpha · (eˣ - 1)`, element by element.

use super::{compute, in_opmath};
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The exponential linear unit: `x` above zero, `alpha · (eˣ - 1)` below.
///
/// Corresponds to [`torch.nn.ELU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ELU.html). candle's kernel
/// subtracts the 1 after rounding, so that inputs just below zero have an absolute error of 6e-8 where PyTorch has none.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![-1.0f32, 2.0], 2, Cpu)?;
/// let y = ELU::new().forward(&x)?.to_vec1::<f32>()?;
/// for (y, expected) in y.into_iter().zip([-0.6321, 2.0]) {
///     assert!((y - expected).abs() < 1e-4);
/// }
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug)]
pub struct ELU {
    /// The limit below zero, negated.
    pub alpha: f64,
}

impl ELU {
    /// The function with `alpha = 1`.
    pub fn new() -> Self {
        Self { alpha: 1.0 }
    }

    /// The limit below zero, negated. PyTorch's default is 1.
    #[must_use]
    pub fn alpha(self, alpha: f64) -> Self {
        Self { alpha }
    }
}

/// PyTorch's defaults.
impl Default for ELU {
    fn default() -> Self {
        Self::new()
    }
}

/// # Errors
///
/// An input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for ELU {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| in_opmath(x, |x| x.elu(self.alpha)))
    }
}
