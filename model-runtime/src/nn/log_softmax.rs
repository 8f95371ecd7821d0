//! [`LogSoftmax`]: `y = x - ln(Σ eˣ)`, along one dimension.

use super::{compute, dim, in_opmath};
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The logarithm of the softmax, without its rounding: `x - ln(Σ eˣ)`.
///
/// Corresponds to [`torch.nn.LogSoftmax`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html). A negative
/// dimension counts from the end.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0f32, 2.0, 3.0], 3, Cpu)?;
/// let y = LogSoftmax::new(-1).forward(&x)?.to_vec1::<f32>()?;
/// for (y, expected) in y.into_iter().zip([-2.4076, -1.4076, -0.4076]) {
///     assert!((y - expected).abs() < 1e-4);
/// }
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug)]
pub struct LogSoftmax {
    /// The dimension along which the outputs belong together.
    pub dim: isize,
}

impl LogSoftmax {
    /// The function along `dim`. PyTorch guesses where none is given, and warns; here it must be.
    pub fn new(dim: isize) -> Self {
        Self { dim }
    }
}

/// # Errors
///
/// A dimension that the input does not have, or an input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for LogSoftmax {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| in_opmath(x, |x| log_softmax(x, self.dim)))
    }
}

fn log_softmax(x: &candle_core::Tensor, dim: isize) -> candle_core::Result<candle_core::Tensor> {
    candle_nn::ops::log_softmax(x, dim::index("LogSoftmax", dim, x.rank())?)
}
