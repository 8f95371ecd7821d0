//! [`PaddingMode`]: what a convolution takes for the elements around its input.

use candle_core::{Tensor as Candle, bail};

/// What a convolution takes for the elements around its input: `padding_mode` of PyTorch's convolutions.
///
/// Corresponds to the modes of [`torch.nn.functional.pad`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html).
///
/// ```
/// use model_runtime::prelude::*;
///
/// let mut conv = Conv1d::new(1, 1, 3).padding(1).padding_mode(PaddingMode::Circular).bias(false).init(Cpu)?;
/// conv.weight = Param::from_tensor(Tensor::from_vec(vec![1f32, 0.0, 0.0], (1, 1, 3), Cpu)?);
/// let x = Tensor::from_vec(vec![1f32, 2.0, 3.0], (1, 1, 3), Cpu)?;
/// assert_eq!(conv.forward(&x)?.flatten_all()?.to_vec1::<f32>()?, [3.0, 1.0, 2.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
// PyTorch has these four, and a convolution handles each: not `non_exhaustive`.
pub enum PaddingMode {
    /// Zeros, PyTorch's default.
    #[default]
    Zeros,
    /// The elements beside the border, mirrored at it: `3 2 | 1 2 3 | 2 1`. Less of them than the input has.
    Reflect,
    /// The element at the border: `1 1 | 1 2 3 | 3 3`.
    Replicate,
    /// Those of the other end: `2 3 | 1 2 3 | 1 2`. As many as the input has, at most.
    Circular,
}

impl PaddingMode {
    /// The input with elements before and after it in the dimension `dim`.
    pub(super) fn pad(
        self,
        layer: &str,
        x: &Candle,
        dim: usize,
        (before, after): (usize, usize),
    ) -> candle_core::Result<Candle> {
        if before == 0 && after == 0 {
            return Ok(x.clone());
        }
        let size = x.dim(dim)?;
        let most = match self {
            Self::Zeros => return x.pad_with_zeros(dim, before, after),
            Self::Reflect => size.saturating_sub(1),
            Self::Replicate if size > 0 => usize::MAX,
            Self::Replicate => 0,
            Self::Circular => size,
        };
        if before.max(after) > most {
            bail!(
                "{layer}: padding of mode {self:?}, expected: at most {most}, got: {} (input {:?})",
                before.max(after),
                x.dims()
            )
        }
        let taken = (0..before + size + after).map(|place| self.taken(place, before, size) as u32);
        x.contiguous()?.index_select(&Candle::from_iter(taken, x.device())?, dim)
    }

    /// The place in the input from which the element at `place` of the padded one comes.
    fn taken(self, place: usize, before: usize, size: usize) -> usize {
        match self {
            Self::Zeros | Self::Replicate => place.saturating_sub(before).min(size - 1),
            Self::Reflect if place < before => before - place,
            Self::Reflect if place >= before + size => 2 * (size - 1) + before - place,
            Self::Reflect => place - before,
            Self::Circular => (place + size - before) % size,
        }
    }
}
