//! [`Hardsigmoid`]: `y = min(max(x + 3, 0), 6) / 6`, element by element.

use super::{compute, in_opmath};
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The sigmoid made of lines: `min(max(x + 3, 0), 6) / 6`.
///
/// Corresponds to [`torch.nn.Hardsigmoid`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html).
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![-4.0f32, 0.0, 1.5], 3, Cpu)?;
/// assert_eq!(Hardsigmoid.forward(&x)?.to_vec1::<f32>()?, [0.0, 0.5, 0.75]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug, Default)]
pub struct Hardsigmoid;

/// # Errors
///
/// An input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Hardsigmoid {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| in_opmath(x, hardsigmoid))
    }
}

/// `min(max(x + 3, 0), 6) / 6`.
pub(super) fn hardsigmoid(x: &candle_core::Tensor) -> candle_core::Result<candle_core::Tensor> {
    (x + 3.0)?.clamp(0.0, 6.0)? / 6.0
}
