//! [`ReLU6`]: `y = min(max(x, 0), 6)`, element by element.

use super::compute;
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The rectifier that stops at 6: `min(max(x, 0), 6)`.
///
/// Corresponds to [`torch.nn.ReLU6`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU6.html).
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![-1.0f32, 2.0, 7.0], 3, Cpu)?;
/// assert_eq!(ReLU6.forward(&x)?.to_vec1::<f32>()?, [0.0, 2.0, 6.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug, Default)]
pub struct ReLU6;

/// # Errors
///
/// An input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for ReLU6 {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| x.clamp(0.0, 6.0))
    }
}
