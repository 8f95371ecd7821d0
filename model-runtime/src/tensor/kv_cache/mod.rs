//! Caches of keys and values, for models that write one token after the other.
//!
//! A cache belongs to a conversation, not to a model: it is no field of a module, and `forward` takes it beside its
//! input, as `&mut KvCache<D>`. What goes in is on the device of the cache, or does not compile.
//!
//! ```
//! use model_runtime::prelude::*;
//! use model_runtime::tensor::kv_cache::KvCache;
//!
//! let mut cache = KvCache::new(1, 8); // places are dimension 1; room for 8 at first
//! let first = Tensor::new(&[[[1f32], [2.0]]], Cpu)?;
//! let _ = cache.append(&first, &first)?;
//! let next = Tensor::new(&[[[3f32]]], Cpu)?;
//! let (k, _v) = cache.append(&next, &next)?;
//! assert_eq!(k.flatten_all()?.to_vec1::<f32>()?, [1.0, 2.0, 3.0]);
//! # Ok::<(), model_runtime::Error>(())
//! ```
//!
//! | cache | grows |
//! |---|---|
//! | [`KvCache`] | into room that is allocated ahead: writes in place |
//! | [`ConcatKvCache`] | by concatenation: always exactly as large as its content |
//! | [`RotatingKvCache`] | not at all: the newest places overwrite the oldest ones |
//! | [`ScatteredKvCache`] | not at all, and each sequence of a batch has a place of its own |
//! | [`InterleavedKvCache`] | by concatenation, with key and value side by side |
//!
//! The ones that write in place share their storage with what they returned and with their clones.

mod cache;
mod concat;
mod interleaved;
mod rotating;
mod scattered;

pub use cache::{Cache, KvCache};
pub use concat::ConcatKvCache;
pub use interleaved::InterleavedKvCache;
pub use rotating::{RotatingCache, RotatingKvCache};
pub use scattered::{IndicesAndMask, ScatteredCacheBuilder, ScatteredKvCache};

use candle_core::Tensor;

use crate::error::{Error, Result};

/// Checks that keys and values have one length, before either is stored.
fn same_length(dim: usize, k: &Tensor, v: &Tensor) -> Result<()> {
    let (k_len, v_len) = (k.dim(dim)?, v.dim(dim)?);
    if k_len == v_len { Ok(()) } else { Err(invalid(format!("values of length {k_len}"), v_len)) }
}

/// Checks that `new` can be stored behind `old`, before anything is stored: one dtype, and one shape but for `dim`.
fn fits(dim: usize, old: Option<&Tensor>, new: &Tensor) -> Result<()> {
    let Some(old) = old else { return Ok(()) };
    if new.dtype() != old.dtype() {
        return Err(invalid(old.dtype().as_str(), new.dtype().as_str()));
    }
    let mut expected = old.dims().to_vec();
    if let (Some(places), Some(new_places)) = (expected.get_mut(dim), new.dims().get(dim)) {
        *places = *new_places;
    }
    if new.dims() == expected {
        Ok(())
    } else {
        Err(invalid(format!("shape {expected:?}"), format!("{:?}", new.dims())))
    }
}

/// The error of an argument.
fn invalid(expected: impl std::fmt::Display, got: impl std::fmt::Display) -> Error {
    candle_core::Error::Msg(format!("kv_cache, expected: {expected}, got: {got}")).into()
}
