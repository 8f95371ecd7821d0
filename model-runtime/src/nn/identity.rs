//! [`Identity`]: `y = x`.

use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// Returns its input.
///
/// Corresponds to [`torch.nn.Identity`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html): the place
/// of a layer that was taken out, so that the others keep their keys.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![-1f32, 2.0], 2, Cpu)?;
/// assert_eq!(Identity.forward(&x)?.to_vec1::<f32>()?, [-1.0, 2.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug, Default)]
pub struct Identity;

#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Identity {
    type Output = Tensor<D>;

    #[inline]
    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        Ok(x.clone())
    }
}
