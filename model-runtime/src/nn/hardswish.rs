//! [`Hardswish`]: `y = x · min(max(x + 3, 0), 6) / 6`, element by element.

use super::hardsigmoid::hardsigmoid;
use super::{compute, in_opmath};
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The swish made of lines and a parabola: `x · min(max(x + 3, 0), 6) / 6`.
///
/// Corresponds to [`torch.nn.Hardswish`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardswish.html).
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![-4.0f32, 0.0, 1.5], 3, Cpu)?;
/// assert_eq!(Hardswish.forward(&x)?.to_vec1::<f32>()?, [-0.0, 0.0, 1.125]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug, Default)]
pub struct Hardswish;

/// # Errors
///
/// An input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Hardswish {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| in_opmath(x, |x| x * hardsigmoid(x)?))
    }
}
