//! [`RotatingCache`] and [`RotatingKvCache`]: the newest places overwrite the oldest ones.

use std::marker::PhantomData;

use super::{fits, same_length};
use crate::device::{Compute, Device};
use crate::error::Result;
use crate::tensor::check::not_zero;
use crate::tensor::doors::handle;
use crate::tensor::{OnDevice, Tensor, cast_ref};

/// A tensor of a fixed number of places along one dimension, of which the newest overwrite the oldest.
#[derive(Clone, Debug)]
pub struct RotatingCache<D: Device> {
    inner: candle_nn::kv_cache::RotatingCache,
    device: PhantomData<D>,
}

impl<D: Compute> RotatingCache<D> {
    /// Makes an empty cache of `max_seq_len` places along `dim`.
    pub fn new(dim: usize, max_seq_len: usize) -> Self {
        Self { inner: candle_nn::kv_cache::RotatingCache::new(dim, max_seq_len), device: PhantomData }
    }

    /// The place that is written next.
    #[inline]
    pub fn offset(&self) -> usize {
        self.inner.offset()
    }

    /// The dimension that the places are along.
    #[inline]
    pub fn dim(&self) -> usize {
        self.inner.dim()
    }

    /// The number of places that were appended so far, overwritten ones included.
    #[inline]
    pub fn current_seq_len(&self) -> usize {
        self.inner.current_seq_len()
    }

    /// The number of places.
    #[inline]
    pub fn max_seq_len(&self) -> usize {
        self.inner.max_seq_len()
    }

    /// All places, filled or not; `None` before the first [`append`](Self::append).
    #[inline]
    pub fn all_data(&self) -> Option<&Tensor<D>> {
        self.inner.all_data().as_ref().map(cast_ref)
    }

    /// What is filled, in the order of the places, which is not that of time; `None` before the first
    /// [`append`](Self::append).
    #[inline]
    pub fn current_data(&self) -> Result<Option<Tensor<D>>> {
        Ok(self.inner.current_data()?.map(Tensor::wrap))
    }

    /// Empties the cache.
    #[inline]
    pub fn reset(&mut self) {
        self.inner.reset();
    }

    /// Writes `src` over the oldest places, and returns what is filled; all of `src`, if that is longer.
    ///
    /// # Errors
    ///
    /// Another shape or dtype than before, or a cache without places. The cache then is as it was.
    pub fn append(&mut self, src: &impl OnDevice<D>) -> Result<Tensor<D>> {
        let src = self.checked(src.operand())?;
        self.write(&src)
    }

    /// What is to be written, after all checks: later ones would come when some of it is written.
    fn checked(&self, src: &candle_core::Tensor) -> Result<candle_core::Tensor> {
        not_zero("kv_cache", "`max_seq_len`", self.max_seq_len())?;
        let _ = src.dim(self.dim())?;
        fits(self.dim(), self.inner.all_data().as_ref(), src)?;
        // candle refuses to write what it reads from the same storage, such as what `append` returned.
        let is_shared = self.inner.all_data().as_ref().is_some_and(|data| storage_of(data) == storage_of(src));
        Ok(if is_shared { src.copy()? } else { src.clone() })
    }

    fn write(&mut self, src: &candle_core::Tensor) -> Result<Tensor<D>> {
        let mut next = self.inner.clone();
        let all = next.append(src)?;
        self.inner = next;
        Ok(Tensor::wrap(all))
    }

    /// When each of the places was appended that [`append`](Self::append) of `seq_len` more will return.
    ///
    /// # Errors
    ///
    /// A cache without places.
    pub fn positions(&self, seq_len: usize) -> Result<Vec<usize>> {
        not_zero("kv_cache", "`max_seq_len`", self.max_seq_len())?;
        Ok(self.inner.positions(seq_len))
    }

    /// The mask for `seq_len` more places, to be taken before they are appended: 1 for what a place does not see, as
    /// `u8`, of shape `(seq_len, places)`. `None` for one place, which sees all.
    ///
    /// candle takes a device for it; here it is on that of the cache.
    ///
    /// # Errors
    ///
    /// A cache without places, or a device that is not available.
    pub fn attn_mask(&self, seq_len: usize) -> Result<Option<Tensor<D>>> {
        not_zero("kv_cache", "`max_seq_len`", self.max_seq_len())?;
        Ok(self.inner.attn_mask(seq_len, &handle::<D>()?)?.map(Tensor::wrap))
    }
}

/// What tells one storage from another.
fn storage_of(tensor: &candle_core::Tensor) -> *const candle_core::Storage {
    &raw const *tensor.storage_and_layout().0
}

/// Keys and values in two [`RotatingCache`]s.
///
/// ```
/// use model_runtime::prelude::*;
/// use model_runtime::tensor::kv_cache::RotatingKvCache;
///
/// let mut cache = RotatingKvCache::new(0, 2);
/// let x = Tensor::new(&[1f32], Cpu)?;
/// for step in 0..3 {
///     let x = (&x + f64::from(step))?;
///     let _ = cache.append(&x, &x)?;
/// }
/// let k = cache.k()?.map(|k| k.to_vec1::<f32>()).transpose()?;
/// assert_eq!(k, Some(vec![3.0, 2.0])); // 1 was overwritten
/// assert_eq!(cache.positions(1)?, [2, 3]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RotatingKvCache<D: Device> {
    k: RotatingCache<D>,
    v: RotatingCache<D>,
}

impl<D: Compute> RotatingKvCache<D> {
    /// Makes an empty cache of `max_seq_len` places along `dim`.
    pub fn new(dim: usize, max_seq_len: usize) -> Self {
        Self { k: RotatingCache::new(dim, max_seq_len), v: RotatingCache::new(dim, max_seq_len) }
    }

    /// The cache of the keys.
    #[inline]
    pub fn k_cache(&self) -> &RotatingCache<D> {
        &self.k
    }

    /// The cache of the values.
    #[inline]
    pub fn v_cache(&self) -> &RotatingCache<D> {
        &self.v
    }

    /// The cache of the keys, to be changed.
    #[inline]
    pub fn k_cache_mut(&mut self) -> &mut RotatingCache<D> {
        &mut self.k
    }

    /// The cache of the values, to be changed.
    #[inline]
    pub fn v_cache_mut(&mut self) -> &mut RotatingCache<D> {
        &mut self.v
    }

    /// The keys that are there.
    #[inline]
    pub fn k(&self) -> Result<Option<Tensor<D>>> {
        self.k.current_data()
    }

    /// The values that are there.
    #[inline]
    pub fn v(&self) -> Result<Option<Tensor<D>>> {
        self.v.current_data()
    }

    /// Writes keys and values over the oldest places, and returns what is filled, as [`RotatingCache::append`].
    ///
    /// # Errors
    ///
    /// Another shape or dtype than before, lengths that differ, or a cache without places. The cache then is as it was.
    pub fn append(&mut self, k: &impl OnDevice<D>, v: &impl OnDevice<D>) -> Result<(Tensor<D>, Tensor<D>)> {
        let (k, v) = (k.operand(), v.operand());
        same_length(self.k.dim(), k, v)?;
        let (k, v) = (self.k.checked(k)?, self.v.checked(v)?);
        Ok((self.k.write(&k)?, self.v.write(&v)?))
    }

    /// The place that is written next.
    #[inline]
    pub fn offset(&self) -> usize {
        self.k.offset()
    }

    /// The number of places that were appended so far, overwritten ones included.
    #[inline]
    pub fn current_seq_len(&self) -> usize {
        self.k.current_seq_len()
    }

    /// The mask for `seq_len` more places: see [`RotatingCache::attn_mask`].
    ///
    /// # Errors
    ///
    /// A cache without places, or a device that is not available.
    pub fn attn_mask(&self, seq_len: usize) -> Result<Option<Tensor<D>>> {
        self.k.attn_mask(seq_len)
    }

    /// When each place was appended: see [`RotatingCache::positions`].
    ///
    /// # Errors
    ///
    /// A cache without places.
    pub fn positions(&self, seq_len: usize) -> Result<Vec<usize>> {
        self.k.positions(seq_len)
    }

    /// Empties the cache.
    #[inline]
    pub fn reset(&mut self) {
        self.k.reset();
        self.v.reset();
    }
}
