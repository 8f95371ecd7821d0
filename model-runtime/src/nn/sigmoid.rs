//! [`Sigmoid`]: `y = 1 / (1 + e⁻ˣ)`, element by element.

use super::compute;
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The logistic function: `1 / (1 + e⁻ˣ)`.
///
/// Corresponds to [`torch.nn.Sigmoid`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html).
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![-1.0f32, 0.0, 2.0], 3, Cpu)?;
/// let y = Sigmoid.forward(&x)?.to_vec1::<f32>()?;
/// for (y, expected) in y.into_iter().zip([0.2689, 0.5, 0.8808]) {
///     assert!((y - expected).abs() < 1e-4);
/// }
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug, Default)]
pub struct Sigmoid;

/// # Errors
///
/// An input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Sigmoid {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, candle_nn::ops::sigmoid)
    }
}
