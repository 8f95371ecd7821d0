//! [`Softmax`]: `y = eˣ / Σ eˣ`, along one dimension.

use super::{compute, dim, in_opmath};
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// Positive numbers that sum to one: `eˣ / Σ eˣ`.
///
/// Corresponds to [`torch.nn.Softmax`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html). A negative
/// dimension counts from the end.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0f32, 2.0, 3.0], 3, Cpu)?;
/// let y = Softmax::new(-1).forward(&x)?.to_vec1::<f32>()?;
/// for (y, expected) in y.into_iter().zip([0.0900, 0.2447, 0.6652]) {
///     assert!((y - expected).abs() < 1e-4);
/// }
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug)]
pub struct Softmax {
    /// The dimension along which the outputs belong together.
    pub dim: isize,
}

impl Softmax {
    /// The function along `dim`. PyTorch guesses where none is given, and warns; here it must be.
    pub fn new(dim: isize) -> Self {
        Self { dim }
    }
}

/// # Errors
///
/// A dimension that the input does not have, or an input of an integer dtype.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Softmax {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| in_opmath(x, |x| softmax(x, self.dim)))
    }
}

fn softmax(x: &candle_core::Tensor, dim: isize) -> candle_core::Result<candle_core::Tensor> {
    let dim = dim::index("Softmax", dim, x.rank())?;
    // candle's kernel is one step instead of five, and has no gradient.
    if dim + 1 == x.rank() && x.elem_count() > 0 && !x.track_op() {
        return candle_nn::ops::softmax_last_dim(&x.contiguous()?);
    }
    candle_nn::ops::softmax(x, dim)
}
