//! [`Tensor::sdpa`]: scaled dot product attention.

use candle_core::{D as Last, DType, Tensor as Candle};

use super::check::{invalid, shapes};
use crate::device::Compute;
use crate::error::Result;
use crate::tensor::{OnDevice, OptionalOnDevice, Tensor};

const OP: &str = "sdpa";

impl<D: Compute> Tensor<D> {
    /// Computes scaled dot product attention, `softmax(q k^T * scale + mask) v`, for this query `q`.
    ///
    /// `q` is `(batch, heads, length, features)`; `k` and `v` have a length of their own, and heads that divide those of
    /// `q`. `mask` is added to the scores, so that negative infinity hides a key; its shape stretches to
    /// `(batch, heads, length of q, length of k)`. `do_causal` hides later keys, with the last query at the place of the
    /// last key: PyTorch puts the first query at the place of the first key, which is the same for one length.
    /// `softcapping` replaces each score `s` by `softcapping * tanh(s / softcapping)`, and 1 means that it does not.
    ///
    /// candle's fused kernel runs on Metal, for inference; elsewhere this is made of other operations, and records the
    /// graph. candle itself has it for Metal only.
    ///
    #[doc = functional!("scaled_dot_product_attention")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let q = Tensor::new(&[[[[1f32], [1.0]]]], Cpu)?;
    /// let v = Tensor::new(&[[[[2f32], [6.0]]]], Cpu)?;
    /// let seen = Tensor::new(&[[0f32, f32::NEG_INFINITY], [0.0, 0.0]], Cpu)?;
    /// let y = q.sdpa(&q, &v, Some(&seen), false, 1.0, 1.0)?;
    /// assert_eq!(y.flatten_all()?.to_vec1::<f32>()?, [2.0, 4.0]);
    /// assert_eq!(q.sdpa(&q, &v, None, false, 1.0, 1.0)?.flatten_all()?.to_vec1::<f32>()?, [4.0, 4.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// A mask that is a field `mask: Buffer<D>` is given as `Some(self.mask.tensor())`.
    ///
    /// # Errors
    ///
    /// Shapes or dtypes that do not fit, or a mask beside `do_causal`.
    pub fn sdpa(
        &self,
        k: &impl OnDevice<D>,
        v: &impl OnDevice<D>,
        mask: impl OptionalOnDevice<D>,
        do_causal: bool,
        scale: f32,
        softcapping: f32,
    ) -> Result<Self> {
        let options = Options { do_causal, scale, softcapping };
        Ok(Self::wrap(sdpa([&self.inner, k.operand(), v.operand()], mask.optional_operand(), options)?))
    }
}

#[derive(Clone, Copy)]
struct Options {
    do_causal: bool,
    scale: f32,
    softcapping: f32,
}

fn sdpa([q, k, v]: [&Candle; 3], mask: Option<&Candle>, options: Options) -> Result<Candle> {
    let Options { do_causal, scale, softcapping } = options;
    shapes(OP, [q, k, v], 4, 1)?;
    if q.dims()[0] != k.dims()[0] || k.dims()[1] != v.dims()[1] {
        let got = format!("q {:?}, k {:?}, v {:?}", q.dims(), k.dims(), v.dims());
        return Err(invalid(OP, "one batch size, and as many heads of `k` as of `v`", got));
    }
    if do_causal && mask.is_some() {
        return Err(invalid(OP, "a mask or `do_causal`", "both"));
    }
    let mask = mask.map(|mask| mask.broadcast_as((q.dims()[0], q.dims()[1], q.dims()[2], k.dims()[2]))).transpose()?;
    if is_fused(q, mask.as_ref(), softcapping) {
        return Ok(candle_nn::ops::sdpa(q, k, v, mask.as_ref(), do_causal, scale, softcapping)?);
    }
    let mut scores = (q.contiguous()?.matmul(&repeat_heads(k, q)?.t()?)? * f64::from(scale))?;
    if matches!(scores.dtype(), DType::F16 | DType::BF16) {
        scores = scores.to_dtype(DType::F32)?;
    }
    if softcapping != 1.0 {
        scores = ((scores / f64::from(softcapping))?.tanh()? * f64::from(softcapping))?;
    }
    let mask = if do_causal { Some(causal(&scores)?) } else { mask };
    if let Some(mask) = mask {
        scores = scores.broadcast_add(&mask.to_dtype(scores.dtype())?)?;
    }
    let weights = candle_nn::ops::softmax(&scores, Last::Minus1)?.to_dtype(v.dtype())?;
    Ok(weights.matmul(&repeat_heads(v, q)?)?)
}

/// Whether candle's kernel does all of this: for a single query it takes no mask, for several no softcapping.
fn is_fused(q: &Candle, mask: Option<&Candle>, softcapping: f32) -> bool {
    let fits = if q.dims()[2] == 1 { mask.is_none() } else { softcapping == 1.0 };
    q.device().is_metal() && !q.track_op() && fits
}

/// Keys or values, each head as often as queries share it.
fn repeat_heads(kv: &Candle, q: &Candle) -> Result<Candle> {
    let (batch, heads, length, features) = kv.dims4()?;
    let shared = q.dims()[1] / heads;
    if shared == 1 {
        return Ok(kv.contiguous()?);
    }
    let repeated = kv.unsqueeze(2)?.broadcast_as((batch, heads, shared, length, features))?;
    Ok(repeated.reshape((batch, heads * shared, length, features))?)
}

/// Zeros for the keys that each query sees, and negative infinity for the later ones.
fn causal(scores: &Candle) -> Result<Candle> {
    let (_, _, queries, keys) = scores.dims4()?;
    let value = |query: usize, key: usize| if key + queries > query + keys { f32::NEG_INFINITY } else { 0.0 };
    let values = (0..queries).flat_map(|query| (0..keys).map(move |key| value(query, key)));
    Ok(Candle::from_vec(values.collect(), (queries, keys), scores.device())?.to_dtype(scores.dtype())?)
}
