//! [`flash_attn`]: candle's fused attention for the CPU.

use candle_core::DType;
use half::{bf16, f16};

use super::AttnMask;
use super::check::{invalid, shapes};
use crate::device::Cpu;
use crate::error::Result;
use crate::tensor::{OnDevice, Tensor};

const OP: &str = "flash_attn";

/// Computes `softmax(q k^T * softmax_scale) v` on the CPU, without the whole matrix of scores in memory.
///
/// `q`, `k` and `v` are `(batch, length, heads, features)`, in `f32`, `f64`, `f16` or `bf16`. The result is
/// `(batch, heads, length, features)`, in `f32` for one sequence. For inference: no gradient flows through.
///
/// `max_bias` is the largest slope of ALiBi; `softcap` replaces each score `s` by `softcap * tanh(s / softcap)`. A batch
/// of more than one takes `f32` or `f16`, no `softcap`, and no mask of your own.
///
/// ```
/// use model_runtime::prelude::*;
/// use model_runtime::tensor::attention::{AttnMask, flash_attn};
///
/// let q = Tensor::new(&[[[[0f32, 0.0]], [[0.0, 0.0]]]], Cpu)?; // two places, one head
/// let v = Tensor::new(&[[[[1f32, 2.0]], [[3.0, 4.0]]]], Cpu)?;
/// let y = flash_attn(&q, &q, &v, 1.0, AttnMask::causal(), None, None)?;
/// assert_eq!(y.flatten_all()?.to_vec1::<f32>()?, [1.0, 2.0, 2.0, 3.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
///
/// # Errors
///
/// Shapes or dtypes that do not fit, or one of the cases that candle has no kernel for.
pub fn flash_attn(
    q: &impl OnDevice<Cpu>,
    k: &impl OnDevice<Cpu>,
    v: &impl OnDevice<Cpu>,
    softmax_scale: f32,
    attn_mask: AttnMask<Cpu>,
    max_bias: Option<f32>,
    softcap: Option<f32>,
) -> Result<Tensor<Cpu>> {
    let (q, k, v) = (q.operand(), k.operand(), v.operand());
    let mask = attn_mask.into_candle();
    shapes(OP, [q, k, v], 4, 2)?;
    check_mask(q.dims(), k.dims(), &mask)?;
    // candle's kernels step through rows.
    let (q, k, v) = (&q.contiguous()?, &k.contiguous()?, &v.contiguous()?);
    let run = match q.dtype() {
        DType::F32 => candle_nn::attention::flash_attn::<f32>,
        DType::F64 => candle_nn::attention::flash_attn::<f64>,
        DType::F16 => candle_nn::attention::flash_attn::<f16>,
        DType::BF16 => candle_nn::attention::flash_attn::<bf16>,
        other => return Err(invalid(OP, "a floating dtype", other.as_str())),
    };
    Ok(Tensor::wrap(run(q, k, v, softmax_scale, mask, max_bias, softcap)?))
}

/// Checks what the kernels would not: they read a mask as one matrix, and some take no offset.
fn check_mask(q: &[usize], k: &[usize], mask: &candle_nn::attention::AttnMask) -> Result<()> {
    let (batch, q_len, k_len) = (q[0], q[1], k[1]);
    if k[0] != batch {
        return Err(invalid(OP, format!("keys of batch size {batch}"), k[0]));
    }
    match mask {
        candle_nn::attention::AttnMask::None => Ok(()),
        candle_nn::attention::AttnMask::Mask(mask) if mask.dims() == [q_len, k_len] => Ok(()),
        candle_nn::attention::AttnMask::Mask(mask) => {
            Err(invalid(OP, format!("a mask of shape {:?}", [q_len, k_len]), format!("{:?}", mask.dims())))
        }
        // One sequence of several queries is the only case in which candle takes the offset into account.
        candle_nn::attention::AttnMask::Causal { kv_offset } => {
            if kv_offset + q_len == k_len || (batch == 1 && q_len > 1) {
                return Ok(());
            }
            let expected = format!("`kv_offset` {} ({k_len} keys, {q_len} queries)", k_len.saturating_sub(q_len));
            Err(invalid(OP, expected, kv_offset))
        }
    }
}
