//! Attention over sequences of several lengths, one after the other without padding.

use super::check::{invalid, shapes};
use crate::device::{Compute, Cpu};
use crate::error::Result;
use crate::tensor::{OnDevice, OptionalOnDevice, Tensor};

/// The numbers that the attention of packed sequences takes. The default scale is 1, and every key is seen.
///
/// ```
/// use model_runtime::tensor::attention::Varlen;
///
/// let causal = Varlen { softmax_scale: 0.125, causal: true, ..Varlen::default() };
/// assert_eq!(causal.window_left, None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Varlen {
    /// What scores are multiplied by, `1 / sqrt(features)` as a rule.
    pub softmax_scale: f32,
    /// Whether a query sees no later key. The last query is at the place of the last key.
    pub causal: bool,
    /// How many earlier keys are seen, if not all.
    pub window_left: Option<usize>,
    /// How many later keys are seen, if not all; only beside `window_left`.
    pub window_right: Option<usize>,
}

impl Default for Varlen {
    fn default() -> Self {
        Self { softmax_scale: 1.0, causal: false, window_left: None, window_right: None }
    }
}

/// The function of candle that does the work.
type Run = fn(
    &candle_core::Tensor,
    &candle_core::Tensor,
    &candle_core::Tensor,
    Option<&candle_core::Tensor>,
    &candle_core::Tensor,
    &candle_core::Tensor,
    usize,
    usize,
    f32,
    bool,
    Option<usize>,
    Option<usize>,
) -> candle_core::Result<candle_core::Tensor>;

/// Computes attention over packed sequences with candle's fused kernel for the CPU, in `f32` or `f16`.
///
/// `q` is `(sum of seqlens_q, heads, features)`, `k` and `v` are the same with the sum of `seqlens_k`; the lengths are
/// `u32` tensors of one dimension. `alibi_slopes` has a number for each head of `q`. The result has the shape of `q`.
/// For inference: no gradient flows through.
///
/// ```
/// use model_runtime::prelude::*;
/// use model_runtime::tensor::attention::{Varlen, flash_attn_varlen_cpu};
///
/// let q = Tensor::zeros((3, 1, 1), DType::F32, Cpu)?; // a sequence of one, and one of two
/// let v = Tensor::new(&[[[1f32]], [[2.0]], [[4.0]]], Cpu)?;
/// let lengths = Tensor::new(&[1u32, 2], Cpu)?;
/// let y = flash_attn_varlen_cpu(&q, &q, &v, None, &lengths, &lengths, Varlen::default())?;
/// assert_eq!(y.flatten_all()?.to_vec1::<f32>()?, [1.0, 3.0, 3.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
///
/// # Errors
///
/// Shapes or dtypes that do not fit, lengths that do not add up, or fewer keys than queries under `causal`.
pub fn flash_attn_varlen_cpu(
    q: &impl OnDevice<Cpu>,
    k: &impl OnDevice<Cpu>,
    v: &impl OnDevice<Cpu>,
    alibi_slopes: impl OptionalOnDevice<Cpu>,
    seqlens_q: &impl OnDevice<Cpu>,
    seqlens_k: &impl OnDevice<Cpu>,
    options: Varlen,
) -> Result<Tensor<Cpu>> {
    let packed = [q.operand(), k.operand(), v.operand(), seqlens_q.operand(), seqlens_k.operand()];
    let run = candle_nn::attention::flash_attn_varlen_cpu;
    Ok(Tensor::wrap(varlen("flash_attn_varlen_cpu", run, packed, alibi_slopes.optional_operand(), options)?))
}

/// Computes attention over packed sequences with ordinary operations, on every device.
///
/// Arguments and result are those of [`flash_attn_varlen_cpu`]. A sequence without keys is left out of the result.
/// For inference: no gradient flows through.
///
/// # Errors
///
/// Shapes or dtypes that do not fit, lengths that do not add up, or fewer keys than queries under `causal`.
pub fn flash_attn_varlen_unfused<D: Compute>(
    q: &Tensor<D>,
    k: &impl OnDevice<D>,
    v: &impl OnDevice<D>,
    alibi_slopes: impl OptionalOnDevice<D>,
    seqlens_q: &impl OnDevice<D>,
    seqlens_k: &impl OnDevice<D>,
    options: Varlen,
) -> Result<Tensor<D>> {
    let packed = [q.as_candle(), k.operand(), v.operand(), seqlens_q.operand(), seqlens_k.operand()];
    let run = candle_nn::attention::flash_attn_varlen_unfused;
    Ok(Tensor::wrap(varlen("flash_attn_varlen_unfused", run, packed, alibi_slopes.optional_operand(), options)?))
}

/// Checks what candle takes on trust, and runs its function.
fn varlen(
    op: &str,
    run: Run,
    [q, k, v, seqlens_q, seqlens_k]: [&candle_core::Tensor; 5],
    alibi_slopes: Option<&candle_core::Tensor>,
    options: Varlen,
) -> Result<candle_core::Tensor> {
    shapes(op, [q, k, v], 3, 1)?;
    let q_max = longest(op, "q", q.dims()[0], seqlens_q)?;
    let k_max = longest(op, "k", k.dims()[0], seqlens_k)?;
    if seqlens_q.dims() != seqlens_k.dims() {
        let got = format!("{:?} and {:?}", seqlens_q.dims(), seqlens_k.dims());
        return Err(invalid(op, "as many lengths of `k` as of `q`", got));
    }
    let Varlen { softmax_scale, causal, window_left, window_right } = options;
    if window_left.is_none() && window_right.is_some() {
        return Err(invalid(op, "`window_left` beside `window_right`", "none"));
    }
    let [left, right] = [window_left, window_right];
    Ok(run(q, k, v, alibi_slopes, seqlens_q, seqlens_k, q_max, k_max, softmax_scale, causal, left, right)?)
}

/// The longest sequence, after a check that the lengths add up to `total`.
fn longest(op: &str, name: &str, total: usize, lengths: &candle_core::Tensor) -> Result<usize> {
    let lengths = lengths.to_vec1::<u32>()?;
    let sum: usize = lengths.iter().map(|&length| length as usize).sum();
    if sum != total {
        return Err(invalid(op, format!("lengths of `{name}` that add up to {total}"), sum));
    }
    Ok(lengths.into_iter().max().unwrap_or(0) as usize)
}
