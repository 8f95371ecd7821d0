//! [`InterleavedKvCache`]: key and value of a place side by side.

use std::marker::PhantomData;

use super::{invalid, same_length};
use crate::device::{Compute, Device};
use crate::error::Result;
use crate::tensor::{OnDevice, Tensor, cast_ref};

/// Keys and values side by side, `(length, heads, 2 * features)`, which grow by concatenation. For a batch of one.
#[derive(Clone, Debug)]
pub struct InterleavedKvCache<D: Device> {
    inner: candle_nn::kv_cache::InterleavedKvCache,
    device: PhantomData<D>,
}

impl<D: Compute> InterleavedKvCache<D> {
    /// Makes an empty cache for heads of `head_dim` features.
    pub fn new(head_dim: usize) -> Self {
        Self { inner: candle_nn::kv_cache::InterleavedKvCache::new(head_dim), device: PhantomData }
    }

    /// The number of places that are filled.
    #[inline]
    pub fn current_seq_len(&self) -> usize {
        self.inner.current_seq_len()
    }

    /// Whether nothing was appended yet.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// Adds keys and values `(1, heads, length, features)`, and returns all so far: `(length, heads, 2 * features)`.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    /// use model_runtime::tensor::kv_cache::InterleavedKvCache;
    ///
    /// let mut cache = InterleavedKvCache::new(2);
    /// let k = Tensor::new(&[[[[1f32, 2.0]]]], Cpu)?;
    /// let v = Tensor::new(&[[[[3f32, 4.0]]]], Cpu)?;
    /// assert_eq!(cache.append(&k, &v)?.to_vec3::<f32>()?, [[[1.0, 2.0, 3.0, 4.0]]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A batch of more than one, other features than the cache is for, or lengths that differ.
    pub fn append(&mut self, k: &impl OnDevice<D>, v: &impl OnDevice<D>) -> Result<Tensor<D>> {
        let (k, v) = (k.operand(), v.operand());
        for tensor in [k, v] {
            let (batch, _, _, features) = tensor.dims4()?;
            if batch != 1 || features != self.head_dim() {
                let expected = format!("(1, heads, length, {})", self.head_dim());
                return Err(invalid(expected, format!("{:?}", tensor.dims())));
            }
        }
        same_length(2, k, v)?;
        Ok(Tensor::wrap(self.inner.append(k, v)?))
    }

    /// Keys and values so far, `(length, heads, 2 * features)`.
    #[inline]
    pub fn kv(&self) -> Option<&Tensor<D>> {
        self.inner.kv().map(cast_ref)
    }

    /// The number of features of a head.
    #[inline]
    pub fn head_dim(&self) -> usize {
        self.inner.head_dim()
    }

    /// Empties the cache.
    #[inline]
    pub fn reset(&mut self) {
        self.inner.reset();
    }
}
