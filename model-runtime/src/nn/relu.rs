//! [`ReLU`]: `y = max(x, 0)`, element by element.

use super::compute;
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The rectifier: `max(x, 0)`.
///
/// Corresponds to [`torch.nn.ReLU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html).
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![-1.0f32, 2.0], 2, Cpu)?;
/// assert_eq!(ReLU.forward(&x)?.to_vec1::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug, Default)]
pub struct ReLU;

/// # Errors
///
/// An input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for ReLU {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, candle_core::Tensor::relu)
    }
}
