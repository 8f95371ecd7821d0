//! The computation of a multi-head attention, over candle tensors.

use candle_core::{DType, Tensor as Candle, bail};

use super::super::dropout::dropout;
use super::super::in_opmath;
use crate::tensor::cat;

/// The weights of the projections.
pub(super) struct Projections {
    /// Of query, key and value.
    pub(super) weights: Vec<Candle>,
    pub(super) biases: Option<Vec<Candle>>,
    /// One more key and value: `bias_k` and `bias_v`.
    pub(super) more: Option<(Candle, Candle)>,
    pub(super) output: (Candle, Option<Candle>),
}

/// How it attends.
pub(super) struct Attend<'a> {
    pub(super) num_heads: usize,
    /// The features of query, key and value.
    pub(super) sizes: [usize; 3],
    pub(super) batch_first: bool,
    pub(super) dropout: f64,
    pub(super) add_zero_attn: bool,
    pub(super) average: bool,
    pub(super) key_padding_mask: Option<&'a Candle>,
    pub(super) attn_mask: Option<&'a Candle>,
}

impl Attend<'_> {
    /// The output and the weights.
    pub(super) fn run(&self, inputs: [&Candle; 3], projections: &Projections) -> candle_core::Result<(Candle, Candle)> {
        self.check_inputs(inputs)?;
        let is_batch = inputs[0].rank() == 3;
        let [query, key, value] = self.projected(inputs, projections)?;
        let (batch, len, embed_dim) = query.dims3()?;
        let mask = self.mask(batch, len, inputs[1].dim(usize::from(is_batch && self.batch_first))?, query.dtype())?;
        let (key, value, mask) = self.with_more(key, value, mask, projections)?;

        let size = embed_dim / self.num_heads;
        let heads = |x: &Candle| x.reshape((batch, x.dim(1)?, self.num_heads, size))?.transpose(1, 2);
        let scale = (embed_dim as f64 / self.num_heads as f64).powf(-0.5);
        let query = (heads(&query)?.contiguous()? * scale)?;
        let scores = query.matmul(&heads(&key)?.transpose(2, 3)?.contiguous()?)?;
        let scores = match mask {
            Some(mask) => scores.broadcast_add(&mask)?,
            None => scores,
        };
        let weights = softmax(&scores)?;
        let weights = dropout(&weights, self.dropout, self.dropout > 0.0)?;
        let rows = weights.matmul(&heads(&value)?.contiguous()?)?.transpose(1, 2)?.reshape((batch * len, embed_dim))?;
        let output = linear(&rows, &projections.output.0, projections.output.1.as_ref())?;
        let weights = if self.average { weights.mean(1)? } else { weights };
        Ok((self.restored(&output.reshape((batch, len, embed_dim))?, is_batch)?, unbatched(weights, is_batch)?))
    }

    /// Query, key and value as `(N, L, E)`.
    fn projected(&self, inputs: [&Candle; 3], projections: &Projections) -> candle_core::Result<[Candle; 3]> {
        let project = |index: usize| {
            let x = inputs[index];
            let x = match (x.rank(), self.batch_first) {
                (2, _) => x.unsqueeze(0)?,
                (_, true) => x.clone(),
                (_, false) => x.transpose(0, 1)?,
            };
            let (batch, len, features) = x.dims3()?;
            let bias = projections.biases.as_ref().map(|biases| &biases[index]);
            let weight = &projections.weights[index];
            linear(&x.reshape((batch * len, features))?, weight, bias)?.reshape((batch, len, weight.dim(0)?))
        };
        Ok([project(0)?, project(1)?, project(2)?])
    }

    /// Keys and values with those that are added, which no mask hides.
    fn with_more(
        &self,
        mut key: Candle,
        mut value: Candle,
        mut mask: Option<Candle>,
        projections: &Projections,
    ) -> candle_core::Result<(Candle, Candle, Option<Candle>)> {
        let (batch, _, embed_dim) = key.dims3()?;
        let more = projections.more.clone();
        let zeros = Candle::zeros((1, 1, embed_dim), key.dtype(), key.device())?;
        let zeros = self.add_zero_attn.then(|| (zeros.clone(), zeros));
        for (more_key, more_value) in more.into_iter().chain(zeros) {
            key = cat(&[&key, &more_key.broadcast_as((batch, 1, embed_dim))?.contiguous()?], 1)?;
            value = cat(&[&value, &more_value.broadcast_as((batch, 1, embed_dim))?.contiguous()?], 1)?;
            mask = mask.map(|mask| mask.pad_with_zeros(3, 0, 1)).transpose()?;
        }
        Ok((key, value, mask))
    }

    /// Both masks as numbers to add, `(N or 1, heads or 1, L or 1, S)`.
    fn mask(&self, batch: usize, len: usize, keys: usize, dtype: DType) -> candle_core::Result<Option<Candle>> {
        let attention = self.attn_mask.map(|mask| {
            let (expected, shape) = match mask.rank() {
                3 => (vec![batch * self.num_heads, len, keys], (batch, self.num_heads, len, keys)),
                _ => (vec![len, keys], (1, 1, len, keys)),
            };
            check_mask("attn_mask", mask, &expected)?;
            added("attn_mask", mask, dtype)?.reshape(shape)
        });
        let padding = self.key_padding_mask.map(|mask| {
            let expected = if mask.rank() == 1 && batch == 1 { vec![keys] } else { vec![batch, keys] };
            check_mask("key_padding_mask", mask, &expected)?;
            added("key_padding_mask", mask, dtype)?.reshape((batch, 1, 1, keys))
        });
        match (attention.transpose()?, padding.transpose()?) {
            (Some(attention), Some(padding)) => Ok(Some(attention.broadcast_add(&padding)?)),
            (attention, padding) => Ok(attention.or(padding)),
        }
    }

    /// The one check of the inputs' shapes.
    fn check_inputs(&self, [query, key, value]: [&Candle; 3]) -> candle_core::Result<()> {
        let rank = query.rank();
        for ((name, x), size) in [("query", query), ("key", key), ("value", value)].into_iter().zip(self.sizes) {
            let fits = matches!(rank, 2 | 3) && x.rank() == rank && x.dim(rank - 1)? == size;
            if !fits {
                let expected = if rank == 2 { format!("(L, {size})") } else { format!("(L, N, {size})") };
                bail!("MultiheadAttention: shape of the {name}, expected: {expected}, got: {:?}", x.dims())
            }
        }
        if key.dims()[..rank - 1] != value.dims()[..rank - 1] {
            bail!(
                "MultiheadAttention: shape of the value, expected: as the key's {:?}, got: {:?}",
                key.dims(),
                value.dims()
            )
        }
        let batch = usize::from(!self.batch_first);
        if rank == 3 && key.dim(batch)? != query.dim(batch)? {
            let (expected, got) = (query.dim(batch)?, key.dim(batch)?);
            bail!("MultiheadAttention: batch of the key, expected: {expected}, got: {got} (key {:?})", key.dims())
        }
        Ok(())
    }

    /// `(N, L, E)` in the layout of the query.
    fn restored(&self, x: &Candle, is_batch: bool) -> candle_core::Result<Candle> {
        match (is_batch, self.batch_first) {
            (false, _) => x.squeeze(0),
            (true, true) => Ok(x.clone()),
            (true, false) => x.transpose(0, 1)?.contiguous(),
        }
    }
}

fn unbatched(weights: Candle, is_batch: bool) -> candle_core::Result<Candle> {
    if is_batch { Ok(weights) } else { weights.squeeze(0) }
}

fn check_mask(name: &str, mask: &Candle, expected: &[usize]) -> candle_core::Result<()> {
    if mask.dims() != expected {
        bail!("MultiheadAttention: shape of {name}, expected: {expected:?}, got: {:?}", mask.dims())
    }
    Ok(())
}

/// A mask as numbers to add to the scores.
fn added(name: &str, mask: &Candle, dtype: DType) -> candle_core::Result<Candle> {
    match mask.dtype() {
        DType::U8 => {
            let zeros = Candle::zeros(mask.shape(), dtype, mask.device())?;
            let hidden = Candle::full(f32::NEG_INFINITY, mask.shape(), mask.device())?.to_dtype(dtype)?;
            mask.where_cond(&hidden, &zeros)
        }
        float if float.is_float() => mask.to_dtype(dtype),
        other => {
            bail!("MultiheadAttention: dtype of {name}, expected: u8 or a floating-point one, got: {}", other.as_str())
        }
    }
}

/// Of no keys, or no queries, there are no weights: candle has no maximum of nothing.
fn softmax(scores: &Candle) -> candle_core::Result<Candle> {
    if scores.elem_count() == 0 {
        return Ok(scores.clone());
    }
    in_opmath(scores, |scores| candle_nn::ops::softmax(scores, candle_core::D::Minus1))
}

fn linear(x: &Candle, weight: &Candle, bias: Option<&Candle>) -> candle_core::Result<Candle> {
    let y = x.matmul(&weight.t()?)?;
    match bias {
        Some(bias) => y.broadcast_add(bias),
        None => Ok(y),
    }
}
