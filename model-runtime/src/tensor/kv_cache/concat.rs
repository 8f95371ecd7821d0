//! [`ConcatKvCache`]: keys and values that grow by concatenation.

use super::same_length;
use crate::device::{Compute, Device};
use crate::error::Result;
use crate::tensor::{OnDevice, Tensor};

/// Keys and values that grow by concatenation. Nothing is written in place, so what was returned stays as it is.
///
/// ```
/// use model_runtime::prelude::*;
/// use model_runtime::tensor::kv_cache::ConcatKvCache;
///
/// let mut cache = ConcatKvCache::new(2);
/// let x = Tensor::ones((1, 8, 3, 64), DType::F32, Cpu)?;
/// let _ = cache.append(&x, &x)?;
/// let (k, v) = cache.append(&x, &x)?;
/// assert_eq!((k.dims(), v.dims()), (&[1, 8, 6, 64][..], &[1, 8, 6, 64][..]));
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ConcatKvCache<D: Device> {
    kv: Option<(Tensor<D>, Tensor<D>)>,
    dim: usize,
}

impl<D: Compute> ConcatKvCache<D> {
    /// Makes an empty cache that grows along `dim`.
    pub fn new(dim: usize) -> Self {
        Self { kv: None, dim }
    }

    /// The number of places that are filled.
    pub fn current_seq_len(&self) -> usize {
        self.k().and_then(|k| k.dims().get(self.dim).copied()).unwrap_or(0)
    }

    /// Whether nothing was appended yet.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.kv.is_none()
    }

    /// The dimension that grows.
    #[inline]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Adds keys and values, and returns all so far. No gradient flows through.
    ///
    /// # Errors
    ///
    /// Another shape or dtype than before, or lengths that differ.
    pub fn append(&mut self, k: &impl OnDevice<D>, v: &impl OnDevice<D>) -> Result<(Tensor<D>, Tensor<D>)> {
        let (k, v) = (k.operand(), v.operand());
        same_length(self.dim, k, v)?;
        let joined = |old: Option<&Tensor<D>>, new: &candle_core::Tensor| -> Result<Tensor<D>> {
            let new = Tensor::wrap(new.contiguous()?.detach());
            match old {
                Some(old) => Ok(Tensor::cat(&[old, &new], self.dim)?.detach()),
                None => Ok(new),
            }
        };
        let all = (joined(self.k(), k)?, joined(self.v(), v)?);
        self.kv = Some(all.clone());
        Ok(all)
    }

    /// Empties the cache.
    #[inline]
    pub fn reset(&mut self) {
        self.kv = None;
    }

    /// The keys so far.
    #[inline]
    pub fn k(&self) -> Option<&Tensor<D>> {
        self.kv.as_ref().map(|(k, _)| k)
    }

    /// The values so far.
    #[inline]
    pub fn v(&self) -> Option<&Tensor<D>> {
        self.kv.as_ref().map(|(_, v)| v)
    }

    /// The keys so far, to be changed.
    #[inline]
    pub fn k_mut(&mut self) -> Option<&mut Tensor<D>> {
        self.kv.as_mut().map(|(k, _)| k)
    }

    /// The values so far, to be changed.
    #[inline]
    pub fn v_mut(&mut self) -> Option<&mut Tensor<D>> {
        self.kv.as_mut().map(|(_, v)| v)
    }

    /// The keys and values so far.
    #[inline]
    pub fn into_inner(self) -> Option<(Tensor<D>, Tensor<D>)> {
        self.kv
    }
}
