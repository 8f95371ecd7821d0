//! [`AdaptiveAvgPool2d`]: means over as many windows as the output has elements, from `(N, C, H, W)` to `(N, C, H', W')`.

use candle_core::{Tensor as Candle, bail};

use super::batched::batched;
use super::{compute, in_opmath, pool};
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The means of windows that are chosen so that the output has a given size.
///
/// Corresponds to [`torch.nn.AdaptiveAvgPool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html).
/// The input is `(N, C, H, W)` or `(C, H, W)`. Window `i` of `n` goes from `⌊i·H/n⌋` to `⌈(i+1)·H/n⌉`.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec((0..16).map(|i| i as f32).collect::<Vec<_>>(), (1, 1, 4, 4), Cpu)?;
/// let y = AdaptiveAvgPool2d::new(1).forward(&x)?;
/// assert_eq!(y.flatten_all()?.to_vec1::<f32>()?, [7.5]);
/// let y = AdaptiveAvgPool2d::new((None, 3)).forward(&x)?; // None: as in the input
/// assert_eq!(y.dims(), [1, 1, 4, 3]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug)]
pub struct AdaptiveAvgPool2d {
    /// The height and width of the output; `None` is that of the input.
    pub output_size: (Option<usize>, Option<usize>),
}

impl AdaptiveAvgPool2d {
    /// An output of this size: one number, a pair (height, width), or a pair with `None` for a side that stays.
    pub fn new(output_size: impl OutputSize) -> Self {
        Self { output_size: output_size.to_output_size() }
    }
}

/// What can be given as the size of an adaptive pooling's output.
pub trait OutputSize {
    /// The height and width.
    fn to_output_size(self) -> (Option<usize>, Option<usize>);
}

impl OutputSize for usize {
    fn to_output_size(self) -> (Option<usize>, Option<usize>) {
        (Some(self), Some(self))
    }
}

impl<H: Into<Option<usize>>, W: Into<Option<usize>>> OutputSize for (H, W) {
    fn to_output_size(self) -> (Option<usize>, Option<usize>) {
        (self.0.into(), self.1.into())
    }
}

/// # Errors
///
/// The input is no image or batch of images, or has a side of no elements.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for AdaptiveAvgPool2d {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let (height, width) = self.output_size;
        compute(x, |x| batched("AdaptiveAvgPool2d", x, |x| in_opmath(x, |x| adaptive_avg_pool2d(x, height, width))))
    }
}

fn adaptive_avg_pool2d(x: &Candle, height: Option<usize>, width: Option<usize>) -> candle_core::Result<Candle> {
    let (_, _, rows, columns) = x.dims4()?;
    let (height, width) = (height.unwrap_or(rows), width.unwrap_or(columns));
    if [rows, columns, height, width].contains(&0) {
        bail!("AdaptiveAvgPool2d: sizes, expected: greater than zero, got: {height} x {width} of input {:?}", x.dims())
    }
    if rows % height == 0 && columns % width == 0 {
        return x.avg_pool2d((rows / height, columns / width));
    }
    let ranges = |size: usize, count: usize| {
        (0..count).map(move |window| {
            let (start, end) = (window * size / count, ((window + 1) * size).div_ceil(count));
            ((start, end), end - start)
        })
    };
    pool::average(&pool::average(x, 2, ranges(rows, height))?, 3, ranges(columns, width))
}
