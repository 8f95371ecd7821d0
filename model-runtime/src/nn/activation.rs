//! [`candle_nn::Activation`] as a layer: the activation that a configuration file names.

use candle_nn::Activation;

use super::compute;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// An activation that is chosen at run time, by the name that Hugging Face's configuration files give it.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let act = candle_nn::Activation::Relu; // `"relu"` in JSON
/// let x = Tensor::from_vec(vec![-1f32, 2.0], 2, Cpu)?;
/// assert_eq!(Forward::forward(&act, &x)?.to_vec1::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
///
/// # Errors
///
/// An input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Activation {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| candle_core::Module::forward(self, x))
    }
}
