//! Dimensions counted from the end: `-1` is the last one.

use candle_core::{Result, bail};

/// The index of `dim` in a shape of `rank` dimensions.
pub(super) fn index(layer: &str, dim: isize, rank: usize) -> Result<usize> {
    // A scalar has the dimensions 0 and -1 in PyTorch.
    let count = rank.max(1);
    let index = if dim < 0 { count.checked_add_signed(dim) } else { Some(dim.unsigned_abs()) };
    match index {
        Some(index) if index < count => Ok(index),
        _ => bail!("{layer}: dimension out of range, expected: {} to {}, got: {dim}", -(count as isize), count - 1),
    }
}
