//! [`Softplus`]: `y = ln(1 + e^(beta · x)) / beta`, element by element.

use super::{compute, in_opmath};
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The smooth rectifier: `ln(1 + e^(beta · x)) / beta`, and `x` where `beta · x` is above `threshold`.
///
/// Corresponds to [`torch.nn.Softplus`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Softplus.html).
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![-1.0f32, 0.0, 2.0], 3, Cpu)?;
/// let y = Softplus::new().forward(&x)?.to_vec1::<f32>()?;
/// for (y, expected) in y.into_iter().zip([0.3133, 0.6931, 2.1269]) {
///     assert!((y - expected).abs() < 1e-4);
/// }
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug)]
pub struct Softplus {
    /// The sharpness of the bend.
    pub beta: f64,
    /// Where the function becomes the identity.
    pub threshold: f64,
}

impl Softplus {
    /// The function with `beta = 1` and `threshold = 20`.
    pub fn new() -> Self {
        Self { beta: 1.0, threshold: 20.0 }
    }

    /// The sharpness of the bend. PyTorch's default is 1.
    #[must_use]
    pub fn beta(self, beta: f64) -> Self {
        Self { beta, ..self }
    }

    /// Where the function becomes the identity. PyTorch's default is 20.
    #[must_use]
    pub fn threshold(self, threshold: f64) -> Self {
        Self { threshold, ..self }
    }
}

/// PyTorch's defaults.
impl Default for Softplus {
    fn default() -> Self {
        Self::new()
    }
}

/// # Errors
///
/// An input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Softplus {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| in_opmath(x, |x| softplus(x, self.beta, self.threshold)))
    }
}

fn softplus(x: &candle_core::Tensor, beta: f64, threshold: f64) -> candle_core::Result<candle_core::Tensor> {
    let scaled = (x * beta)?;
    let soft = (ln_1p(&scaled.minimum(threshold)?.exp()?)? / beta)?;
    scaled.gt(threshold)?.where_cond(x, &soft)
}

/// `ln(1 + t)` for positive `t`, without the digits that `1 + t` loses: Kahan's `t · ln(u) / (u - 1)` with `u = 1 + t`.
fn ln_1p(t: &candle_core::Tensor) -> candle_core::Result<candle_core::Tensor> {
    let u = (t + 1.0)?;
    let rest = (&u - 1.0)?;
    let is_lost = rest.eq(0.0)?;
    // One, where the quotient is not used: its gradient would be infinite.
    let rest = (rest + is_lost.to_dtype(t.dtype())?)?;
    is_lost.where_cond(t, &(t * (u.log()? / rest)?)?)
}
