//! [`Hardtanh`]: `y = min(max(x, min_val), max_val)`, element by element.

use super::compute;
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The tangent made of lines: `min(max(x, min_val), max_val)`.
///
/// Corresponds to [`torch.nn.Hardtanh`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html).
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![-2.0f32, 0.5, 2.0], 3, Cpu)?;
/// assert_eq!(Hardtanh::new().forward(&x)?.to_vec1::<f32>()?, [-1.0, 0.5, 1.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug)]
pub struct Hardtanh {
    /// The least output.
    pub min_val: f64,
    /// The largest output.
    pub max_val: f64,
}

impl Hardtanh {
    /// The function with `min_val = -1` and `max_val = 1`.
    pub fn new() -> Self {
        Self { min_val: -1.0, max_val: 1.0 }
    }

    /// The least output. PyTorch's default is -1.
    #[must_use]
    pub fn min_val(self, min_val: f64) -> Self {
        Self { min_val, ..self }
    }

    /// The largest output. PyTorch's default is 1.
    #[must_use]
    pub fn max_val(self, max_val: f64) -> Self {
        Self { max_val, ..self }
    }
}

/// PyTorch's defaults.
impl Default for Hardtanh {
    fn default() -> Self {
        Self::new()
    }
}

/// # Errors
///
/// `min_val` is above `max_val`.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Hardtanh {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let Self { min_val, max_val } = *self;
        if min_val > max_val {
            let text = format!("Hardtanh: max_val, expected: at least min_val {min_val}, got: {max_val}");
            return Err(candle_core::Error::Msg(text).into());
        }
        compute(x, |x| x.clamp(min_val, max_val))
    }
}
