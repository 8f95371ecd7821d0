//! [`Cache`] and [`KvCache`]: room that is allocated ahead.

use std::marker::PhantomData;

use super::{fits, same_length};
use crate::device::{Compute, Device};
use crate::error::Result;
use crate::tensor::check::not_zero;
use crate::tensor::{OnDevice, Tensor, cast_ref};

/// A tensor that grows along one dimension, into room that is allocated ahead.
///
/// ```
/// use model_runtime::prelude::*;
/// use model_runtime::tensor::kv_cache::Cache;
///
/// let mut cache = Cache::new(0, 2);
/// cache.append(&Tensor::new(&[1f32, 2.0, 3.0], Cpu)?)?;
/// assert_eq!((cache.current_seq_len(), cache.max_seq_len()), (3, 4));
/// let data = cache.current_data()?.map(|data| data.to_vec1::<f32>()).transpose()?;
/// assert_eq!(data, Some(vec![1.0, 2.0, 3.0]));
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cache<D: Device> {
    inner: candle_nn::kv_cache::Cache,
    device: PhantomData<D>,
}

impl<D: Compute> Cache<D> {
    /// Makes an empty cache that grows along `dim` by `max_seq_len` places at a time.
    pub fn new(dim: usize, max_seq_len: usize) -> Self {
        Self { inner: candle_nn::kv_cache::Cache::new(dim, max_seq_len), device: PhantomData }
    }

    /// The dimension that grows.
    #[inline]
    pub fn dim(&self) -> usize {
        self.inner.dim()
    }

    /// The number of places that are filled.
    #[inline]
    pub fn current_seq_len(&self) -> usize {
        self.inner.current_seq_len()
    }

    /// The number of places that there is room for at present.
    #[inline]
    pub fn max_seq_len(&self) -> usize {
        self.inner.max_seq_len()
    }

    /// The whole room, filled or not; `None` before the first [`append`](Self::append).
    #[inline]
    pub fn all_data(&self) -> Option<&Tensor<D>> {
        self.inner.all_data().as_ref().map(cast_ref)
    }

    /// What is filled, as a view; `None` before the first [`append`](Self::append).
    #[inline]
    pub fn current_data(&self) -> Result<Option<Tensor<D>>> {
        Ok(self.inner.current_data()?.map(Tensor::wrap))
    }

    /// Empties the cache, and frees its room.
    #[inline]
    pub fn reset(&mut self) {
        self.inner.reset();
    }

    /// Copies `src`, which is contiguous, behind what is there.
    ///
    /// # Errors
    ///
    /// Another shape or dtype than before, a tensor that is not contiguous, or a cache without room. The cache then is as
    /// it was.
    pub fn append(&mut self, src: &impl OnDevice<D>) -> Result<()> {
        *self = self.with(src.operand())?;
        Ok(())
    }

    /// This cache with `src` behind what is there. What is written lies behind that, so that `self` is as it was.
    fn with(&self, src: &candle_core::Tensor) -> Result<Self> {
        not_zero("kv_cache", "`max_seq_len`", self.max_seq_len())?;
        fits(self.dim(), self.inner.all_data().as_ref(), src)?;
        let mut longer = self.clone();
        longer.inner.append(src)?;
        Ok(longer)
    }
}

/// Keys and values in two [`Cache`]s.
#[derive(Clone, Debug)]
pub struct KvCache<D: Device> {
    k: Cache<D>,
    v: Cache<D>,
}

impl<D: Compute> KvCache<D> {
    /// Makes an empty cache that grows along `dim` by `max_seq_len` places at a time.
    pub fn new(dim: usize, max_seq_len: usize) -> Self {
        Self { k: Cache::new(dim, max_seq_len), v: Cache::new(dim, max_seq_len) }
    }

    /// The cache of the keys.
    #[inline]
    pub fn k_cache(&self) -> &Cache<D> {
        &self.k
    }

    /// The cache of the values.
    #[inline]
    pub fn v_cache(&self) -> &Cache<D> {
        &self.v
    }

    /// The cache of the keys, to be changed.
    #[inline]
    pub fn k_cache_mut(&mut self) -> &mut Cache<D> {
        &mut self.k
    }

    /// The cache of the values, to be changed.
    #[inline]
    pub fn v_cache_mut(&mut self) -> &mut Cache<D> {
        &mut self.v
    }

    /// The keys so far.
    #[inline]
    pub fn k(&self) -> Result<Option<Tensor<D>>> {
        self.k.current_data()
    }

    /// The values so far.
    #[inline]
    pub fn v(&self) -> Result<Option<Tensor<D>>> {
        self.v.current_data()
    }

    /// Adds keys and values, which are contiguous, and returns all so far.
    ///
    /// # Errors
    ///
    /// Another shape or dtype than before, lengths that differ, or tensors that are not contiguous. The cache then is as
    /// it was.
    pub fn append(&mut self, k: &impl OnDevice<D>, v: &impl OnDevice<D>) -> Result<(Tensor<D>, Tensor<D>)> {
        let (k, v) = (k.operand(), v.operand());
        same_length(self.k.dim(), k, v)?;
        (self.k, self.v) = (self.k.with(k)?, self.v.with(v)?);
        // There is data, now that something was appended.
        let all = |cache: &Cache<D>, new: &candle_core::Tensor| -> Result<Tensor<D>> {
            Ok(cache.current_data()?.unwrap_or_else(|| Tensor::wrap(new.clone())))
        };
        Ok((all(&self.k, k)?, all(&self.v, v)?))
    }

    /// The number of places that are filled.
    #[inline]
    pub fn current_seq_len(&self) -> usize {
        self.k.current_seq_len()
    }

    /// Empties the cache, and frees its room.
    #[inline]
    pub fn reset(&mut self) {
        self.k.reset();
        self.v.reset();
    }
}
