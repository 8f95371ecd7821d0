//! [`Flatten`]: dimensions `start_dim` to `end_dim` as one.

use candle_core::bail;

use super::{compute, dim};
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// Makes one dimension of several: by default all but the first, from `(N, C, H, W)` to `(N, C·H·W)`.
///
/// Corresponds to [`torch.nn.Flatten`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html). Negative
/// dimensions count from the end.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::zeros((2, 3, 4, 5), DType::F32, Cpu)?;
/// assert_eq!(Flatten::new().forward(&x)?.dims(), [2, 60]);
/// assert_eq!(Flatten::new().end_dim(2).forward(&x)?.dims(), [2, 12, 5]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug)]
pub struct Flatten {
    /// The first dimension.
    pub start_dim: isize,
    /// The last dimension.
    pub end_dim: isize,
}

impl Flatten {
    /// Flattens all dimensions but the first.
    pub fn new() -> Self {
        Self { start_dim: 1, end_dim: -1 }
    }

    /// The first dimension. PyTorch's default is 1.
    #[must_use]
    pub fn start_dim(self, start_dim: isize) -> Self {
        Self { start_dim, ..self }
    }

    /// The last dimension. PyTorch's default is -1.
    #[must_use]
    pub fn end_dim(self, end_dim: isize) -> Self {
        Self { end_dim, ..self }
    }
}

/// PyTorch's defaults: all dimensions but the first.
impl Default for Flatten {
    fn default() -> Self {
        Self::new()
    }
}

/// # Errors
///
/// A dimension that the input does not have, or a first one after the last.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Flatten {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| flatten(x, self.start_dim, self.end_dim))
    }
}

fn flatten(x: &candle_core::Tensor, start_dim: isize, end_dim: isize) -> candle_core::Result<candle_core::Tensor> {
    let start = dim::index("Flatten", start_dim, x.rank())?;
    let end = dim::index("Flatten", end_dim, x.rank())?;
    if start > end {
        bail!("Flatten: start_dim cannot come after end_dim, got: {start_dim} and {end_dim} (input {:?})", x.dims())
    }
    if x.rank() == 0 { x.reshape(1) } else { x.flatten(start, end) }
}
