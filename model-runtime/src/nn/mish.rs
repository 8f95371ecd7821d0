//! [`Mish`]: `y = x · tanh(ln(1 + eˣ))`, element by element.

use super::{compute, in_opmath};
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The self-regularised function `x · tanh(ln(1 + eˣ))`.
///
/// Corresponds to [`torch.nn.Mish`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Mish.html).
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![-1.0f32, 0.0, 2.0], 3, Cpu)?;
/// let y = Mish.forward(&x)?.to_vec1::<f32>()?;
/// for (y, expected) in y.into_iter().zip([-0.3034, 0.0, 1.9440]) {
///     assert!((y - expected).abs() < 1e-4);
/// }
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug, Default)]
pub struct Mish;

/// # Errors
///
/// An input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Mish {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| in_opmath(x, mish))
    }
}

/// With `t = eˣ`, `tanh(ln(1 + t))` is `t(t + 2) / (t(t + 2) + 2)`, which loses no digits for small `t`.
fn mish(x: &candle_core::Tensor) -> candle_core::Result<candle_core::Tensor> {
    // Above 20 the quotient is 1; its terms would become infinite.
    let t = x.minimum(20.0)?.exp()?;
    let n = (&t * (&t + 2.0)?)?;
    x * (&n / (&n + 2.0)?)?
}
