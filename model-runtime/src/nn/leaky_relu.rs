//! [`LeakyReLU`]: `y = max(x, 0) + negative_slope · min(x, 0)`, element by element.

use super::{compute, in_opmath};
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The rectifier with a slope below zero: `max(x, 0) + negative_slope · min(x, 0)`.
///
/// Corresponds to [`torch.nn.LeakyReLU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html).
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![-1.0f32, 2.0], 2, Cpu)?;
/// assert_eq!(LeakyReLU::new().negative_slope(0.5).forward(&x)?.to_vec1::<f32>()?, [-0.5, 2.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug)]
pub struct LeakyReLU {
    /// The slope below zero.
    pub negative_slope: f64,
}

impl LeakyReLU {
    /// The function with `negative_slope = 0.01`.
    pub fn new() -> Self {
        Self { negative_slope: 0.01 }
    }

    /// The slope below zero. PyTorch's default is 0.01.
    #[must_use]
    pub fn negative_slope(self, negative_slope: f64) -> Self {
        Self { negative_slope }
    }
}

/// PyTorch's defaults.
impl Default for LeakyReLU {
    fn default() -> Self {
        Self::new()
    }
}

/// # Errors
///
/// An input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for LeakyReLU {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| in_opmath(x, |x| candle_nn::ops::leaky_relu(x, self.negative_slope)))
    }
}
