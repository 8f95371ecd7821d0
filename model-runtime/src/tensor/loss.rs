//! Losses: scalars that training makes smaller, averaged over the batch.
//!
//! ```
//! use model_runtime::prelude::*;
//! use model_runtime::tensor::loss;
//!
//! let logits = Tensor::new(&[[2f32, 0.0], [0.0, 2.0]], Cpu)?;
//! let labels = Tensor::new(&[0u32, 0], Cpu)?;
//! let loss = loss::cross_entropy(&logits, &labels)?;
//! assert!((loss.to_scalar::<f32>()? - 1.1269).abs() < 1e-4);
//! # Ok::<(), model_runtime::Error>(())
//! ```

use super::gather::numbers;
use super::{OnDevice, Tensor};
use crate::device::Compute;
use crate::error::Result;

/// The negative log-likelihood of the labels `(n)` under log-probabilities `(n, classes)`.
///
#[doc = functional!("nll_loss")]
///
/// ```
/// use model_runtime::prelude::*;
///
/// let log_probs = Tensor::new(&[[-0.1f32, -2.4], [-1.2, -0.4]], Cpu)?;
/// let labels = Tensor::new(&[0u32, 1], Cpu)?;
/// assert_eq!(loss::nll(&log_probs, &labels)?.to_scalar::<f32>()?, 0.25);
/// # Ok::<(), model_runtime::Error>(())
/// ```
///
/// # Errors
///
/// Labels that are not integers, not one for each row, or (on the CPU) not below the number of classes. PyTorch's
/// `ignore_index`, -100, is such a label.
pub fn nll<D: Compute>(input: &Tensor<D>, target: &impl OnDevice<D>) -> Result<Tensor<D>> {
    Ok(Tensor::wrap(candle_nn::loss::nll(input.as_candle(), &numbers(target.operand())?)?))
}

/// The negative log-likelihood of the labels `(n)` under logits `(n, classes)`.
///
#[doc = functional!("cross_entropy")]
///
/// The page of the module has an example.
///
/// # Errors
///
/// As [`nll`].
pub fn cross_entropy<D: Compute>(input: &Tensor<D>, target: &impl OnDevice<D>) -> Result<Tensor<D>> {
    Ok(Tensor::wrap(candle_nn::loss::cross_entropy(input.as_candle(), &numbers(target.operand())?)?))
}

/// The mean of the squared differences of two tensors of one shape.
///
#[doc = functional!("mse_loss")]
///
/// ```
/// use model_runtime::prelude::*;
///
/// let input = Tensor::new(&[1f32, 2.0], Cpu)?;
/// let target = Tensor::new(&[1f32, 5.0], Cpu)?;
/// assert_eq!(loss::mse(&input, &target)?.to_scalar::<f32>()?, 4.5);
/// # Ok::<(), model_runtime::Error>(())
/// ```
///
/// # Errors
///
/// Shapes or dtypes that differ; PyTorch stretches, with a warning.
pub fn mse<D: Compute>(input: &Tensor<D>, target: &impl OnDevice<D>) -> Result<Tensor<D>> {
    Ok(Tensor::wrap(candle_nn::loss::mse(input.as_candle(), target.operand())?))
}

/// The cross-entropy of probabilities `target`, of the same shape and dtype, under logits.
///
/// Computed as `max(x, 0) - x * target + log(1 + exp(-|x|))`, as PyTorch does: candle's own takes the logarithm of a
/// sigmoid, which is infinite for logits beyond about 17 in `f32`.
///
#[doc = functional!("binary_cross_entropy_with_logits")]
///
/// ```
/// use model_runtime::prelude::*;
/// use model_runtime::tensor::loss;
///
/// let logits = Tensor::new(&[100f32, -1.0], Cpu)?;
/// let target = Tensor::new(&[0f32, 0.0], Cpu)?;
/// let loss = loss::binary_cross_entropy_with_logit(&logits, &target)?;
/// assert!((loss.to_scalar::<f32>()? - 50.1566).abs() < 1e-4);
/// # Ok::<(), model_runtime::Error>(())
/// ```
///
/// # Errors
///
/// Shapes or dtypes that differ.
pub fn binary_cross_entropy_with_logit<D: Compute>(input: &Tensor<D>, target: &impl OnDevice<D>) -> Result<Tensor<D>> {
    let softplus = ((-input.abs()?)?.exp()? + 1.0)?.log()?;
    (input.relu()? - input * target + softplus)?.mean_all()
}

/// Half the squared difference where it is less than `delta`, and `delta * (|difference| - delta / 2)` elsewhere.
///
#[doc = functional!("huber_loss")]
///
/// ```
/// use model_runtime::prelude::*;
///
/// let input = Tensor::new(&[0f32, 0.0], Cpu)?;
/// let target = Tensor::new(&[0.5f32, 3.0], Cpu)?;
/// assert_eq!(loss::huber(&input, &target, 1.0)?.to_scalar::<f32>()?, 1.3125);
/// # Ok::<(), model_runtime::Error>(())
/// ```
///
/// # Errors
///
/// Shapes or dtypes that differ.
pub fn huber<D: Compute>(input: &Tensor<D>, target: &impl OnDevice<D>, delta: f64) -> Result<Tensor<D>> {
    Ok(Tensor::wrap(candle_nn::loss::huber(input.as_candle(), target.operand(), delta)?))
}
