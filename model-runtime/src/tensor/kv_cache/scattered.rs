//! [`ScatteredKvCache`]: a batch of sequences, each with a place of its own.

use std::marker::PhantomData;

use candle_core::DType;

use super::{fits, invalid, same_length};
use crate::device::{Compute, Device};
use crate::error::Result;
use crate::tensor::check::not_zero;
use crate::tensor::doors::handle;
use crate::tensor::{OnDevice, Tensor, cast_ref};

/// Where the next places of a batch go, and what they see. [`ScatteredCacheBuilder::indices_and_mask`] makes it, once
/// for all layers.
#[derive(Clone, Debug)]
pub struct IndicesAndMask<D: Device> {
    inner: candle_nn::kv_cache::IndicesAndMask,
    device: PhantomData<D>,
}

impl<D: Compute> IndicesAndMask<D> {
    /// The mask to be added to scores: 0 for what a place sees, else negative infinity; `(batch, 1, places, context)`.
    #[inline]
    pub fn mask(&self) -> &Tensor<D> {
        cast_ref(self.inner.mask())
    }
}

/// Keys and values `(batch, heads, context, features)`, of which the newest overwrite the oldest, sequence by sequence.
#[derive(Clone, Debug)]
pub struct ScatteredKvCache<D: Device> {
    inner: candle_nn::kv_cache::ScatteredKvCache,
    device: PhantomData<D>,
}

impl<D: Compute> ScatteredKvCache<D> {
    /// Writes keys and values to the places of `iam`, and returns all. As long as the context or longer, they are
    /// returned as they are.
    ///
    /// # Errors
    ///
    /// Shapes or dtypes that do not fit, lengths that differ, or tensors that are not contiguous. The cache then is as it
    /// was.
    pub fn append(
        &mut self,
        k: &impl OnDevice<D>,
        v: &impl OnDevice<D>,
        iam: &IndicesAndMask<D>,
    ) -> Result<(Tensor<D>, Tensor<D>)> {
        let (k, v) = (k.operand(), v.operand());
        same_length(2, k, v)?;
        let is_stored = k.dim(2)? < self.inner.k().dim(2)?;
        for (cache, new) in [(self.inner.k(), k), (self.inner.v(), v)].into_iter().filter(|_| is_stored) {
            fits(2, Some(cache), new)?;
            if !new.is_contiguous() {
                return Err(invalid("contiguous keys and values", format!("strides {:?}", new.stride())));
            }
        }
        let (k, v) = self.inner.append(k, v, &iam.inner)?;
        Ok((Tensor::wrap(k), Tensor::wrap(v)))
    }

    /// The keys of all places.
    #[inline]
    pub fn k(&self) -> &Tensor<D> {
        cast_ref(self.inner.k())
    }

    /// The values of all places.
    #[inline]
    pub fn v(&self) -> &Tensor<D> {
        cast_ref(self.inner.v())
    }
}

/// What the [`ScatteredKvCache`]s of all layers share: how far each sequence of the batch is.
///
/// ```
/// use model_runtime::prelude::*;
/// use model_runtime::tensor::kv_cache::ScatteredCacheBuilder;
///
/// let mut builder = ScatteredCacheBuilder::new(2, 3, DType::F32, Cpu)?;
/// let mut cache = builder.make_cache(1, 1)?;
/// let places = builder.indices_and_mask(1, &[true, false])?; // only the first sequence goes on
/// let x = Tensor::ones((2, 1, 1, 1), DType::F32, Cpu)?;
/// let (k, _v) = cache.append(&x, &x, &places)?;
/// assert_eq!((k.dims(), builder.positions()), (&[2, 1, 3, 1][..], &[1, 0][..]));
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ScatteredCacheBuilder<D: Device> {
    inner: candle_nn::kv_cache::ScatteredCacheBuilder,
    device: PhantomData<D>,
}

impl<D: Compute> ScatteredCacheBuilder<D> {
    /// Makes a builder for `batch_size` sequences with `context` places each.
    ///
    /// # Errors
    ///
    /// A context of zero, or a device that is not available.
    pub fn new(batch_size: usize, context: usize, dtype: DType, device: D) -> Result<Self> {
        let _ = device;
        not_zero("kv_cache", "`context`", context)?;
        let inner = candle_nn::kv_cache::ScatteredCacheBuilder::new(batch_size, context, dtype, &handle::<D>()?)?;
        Ok(Self { inner, device: PhantomData })
    }

    /// Makes the cache of one layer, full of zeros.
    ///
    /// # Errors
    ///
    /// The device has not enough memory.
    pub fn make_cache(&self, num_heads: usize, head_dim: usize) -> Result<ScatteredKvCache<D>> {
        Ok(ScatteredKvCache { inner: self.inner.make_cache(num_heads, head_dim)?, device: PhantomData })
    }

    /// How many places each sequence has had so far.
    #[inline]
    pub fn positions(&self) -> &[usize] {
        self.inner.positions()
    }

    /// Starts all sequences anew.
    #[inline]
    pub fn reset(&mut self) {
        self.inner.reset();
    }

    /// The number of sequences.
    #[inline]
    pub fn batch_size(&self) -> usize {
        self.inner.batch_size()
    }

    /// Starts one sequence anew.
    ///
    /// # Errors
    ///
    /// There is no such sequence.
    pub fn reset_batch_index(&mut self, batch_index: usize) -> Result<()> {
        if batch_index >= self.batch_size() {
            return Err(invalid(format!("an index below {}", self.batch_size()), batch_index));
        }
        self.inner.reset_batch_index(batch_index);
        Ok(())
    }

    /// Moves on by `seq_len` places in the sequences that `batch_mask` says `true` for.
    ///
    /// # Errors
    ///
    /// Another number of sequences in `batch_mask`.
    pub fn indices_and_mask(&mut self, seq_len: usize, batch_mask: &[bool]) -> Result<IndicesAndMask<D>> {
        if batch_mask.len() != self.batch_size() {
            return Err(invalid(format!("a `batch_mask` of {}", self.batch_size()), batch_mask.len()));
        }
        Ok(IndicesAndMask { inner: self.inner.indices_and_mask(seq_len, batch_mask)?, device: PhantomData })
    }

    /// The tag of the caches' device.
    #[inline]
    pub fn device(&self) -> D {
        D::default()
    }
}
