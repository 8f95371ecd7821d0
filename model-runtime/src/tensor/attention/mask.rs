//! [`AttnMask`]: which keys a query sees.

use crate::device::Device;
use crate::tensor::Tensor;

/// Which keys a query sees in [`flash_attn`](super::flash_attn).
///
/// ```
/// use model_runtime::prelude::*;
/// use model_runtime::tensor::attention::AttnMask;
///
/// let mask = AttnMask::<Cpu>::causal_with_offset(3);
/// assert!(mask.is_causal());
/// assert_eq!(mask.kv_offset(), 3);
/// ```
// Callers may match all kinds of mask that candle's kernels know: not `non_exhaustive`.
#[derive(Clone, Debug, Default)]
pub enum AttnMask<D: Device> {
    /// All keys.
    #[default]
    None,
    /// The query at place `i` sees the keys up to and with place `i + kv_offset`.
    Causal {
        /// The number of keys that were there before the first query: the length of a cache.
        kv_offset: usize,
    },
    /// Numbers that are added to the scores, of shape `(length of q, length of k)`: 0 for a key that is seen, negative
    /// infinity for one that is not.
    Mask(Tensor<D>),
}

impl<D: Device> AttnMask<D> {
    /// Each query sees the keys up to its own place.
    #[inline]
    pub fn causal() -> Self {
        Self::causal_with_offset(0)
    }

    /// Each query sees the keys up to its own place, behind `kv_offset` earlier ones.
    #[inline]
    pub fn causal_with_offset(kv_offset: usize) -> Self {
        Self::Causal { kv_offset }
    }

    /// Whether later keys are hidden.
    #[inline]
    pub fn is_causal(&self) -> bool {
        matches!(self, Self::Causal { .. })
    }

    /// The number of keys before the first query; 0 for the other kinds of mask.
    #[inline]
    pub fn kv_offset(&self) -> usize {
        match self {
            Self::Causal { kv_offset } => *kv_offset,
            Self::None | Self::Mask(_) => 0,
        }
    }

    /// The mask that candle's function takes.
    pub(super) fn into_candle(self) -> candle_nn::attention::AttnMask {
        match self {
            Self::None => candle_nn::attention::AttnMask::None,
            Self::Causal { kv_offset } => candle_nn::attention::AttnMask::Causal { kv_offset },
            Self::Mask(mask) => candle_nn::attention::AttnMask::Mask(mask.into_candle()),
        }
    }
}
