//! [`Tanh`]: `y = tanh(x)`, element by element.

use super::compute;
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The hyperbolic tangent.
///
/// Corresponds to [`torch.nn.Tanh`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanh.html).
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![-1.0f32, 0.0, 2.0], 3, Cpu)?;
/// let y = Tanh.forward(&x)?.to_vec1::<f32>()?;
/// for (y, expected) in y.into_iter().zip([-0.7616, 0.0, 0.9640]) {
///     assert!((y - expected).abs() < 1e-4);
/// }
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug, Default)]
pub struct Tanh;

/// # Errors
///
/// An input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Tanh {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, candle_core::Tensor::tanh)
    }
}
