//! [`AvgPool2d`]: the mean of each window, from `(N, C, H, W)` to `(N, C, H', W')`.

use candle_core::{Tensor as Candle, ToUsize2, bail};

use super::batched::batched;
use super::pool::{self, Side, Windows};
use super::{compute, in_opmath};
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The mean of each window of an image.
///
/// Corresponds to [`torch.nn.AvgPool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html). The
/// input is `(N, C, H, W)` or `(C, H, W)`.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec((0..16).map(|i| i as f32).collect::<Vec<_>>(), (1, 1, 4, 4), Cpu)?;
/// let y = AvgPool2d::new(2).forward(&x)?;
/// assert_eq!(y.flatten_all()?.to_vec1::<f32>()?, [2.5, 4.5, 10.5, 12.5]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug)]
pub struct AvgPool2d {
    /// The height and width of a window.
    pub kernel_size: (usize, usize),
    /// The steps between two windows.
    pub stride: (usize, usize),
    /// The rows of zeros above and below, and the columns left and right.
    pub padding: (usize, usize),
    /// Whether windows may reach over the end of the input.
    pub ceil_mode: bool,
    /// Whether the zeros of the padding count as elements of a window.
    pub count_include_pad: bool,
    /// What the sum of a window is divided by, instead of the number of its elements.
    pub divisor_override: Option<usize>,
}

impl AvgPool2d {
    /// Windows side by side, as `stride` is the kernel's size until set.
    pub fn new(kernel_size: impl ToUsize2) -> Self {
        let kernel_size = kernel_size.to_usize2();
        Self {
            kernel_size,
            stride: kernel_size,
            padding: (0, 0),
            ceil_mode: false,
            count_include_pad: true,
            divisor_override: None,
        }
    }

    /// The steps between two windows. PyTorch's default is the size of the kernel.
    #[must_use]
    pub fn stride(self, stride: impl ToUsize2) -> Self {
        Self { stride: stride.to_usize2(), ..self }
    }

    /// The zeros around the input, at most half of the kernel. PyTorch's default is 0.
    #[must_use]
    pub fn padding(self, padding: impl ToUsize2) -> Self {
        Self { padding: padding.to_usize2(), ..self }
    }

    /// Whether windows may reach over the end of the input. PyTorch's default is `false`.
    #[must_use]
    pub fn ceil_mode(self, ceil_mode: bool) -> Self {
        Self { ceil_mode, ..self }
    }

    /// Whether the zeros of the padding count as elements of a window. PyTorch's default is `true`.
    #[must_use]
    pub fn count_include_pad(self, count_include_pad: bool) -> Self {
        Self { count_include_pad, ..self }
    }

    /// What the sum of a window is divided by. PyTorch's default is the number of its elements.
    #[must_use]
    pub fn divisor_override(self, divisor_override: impl Into<Option<usize>>) -> Self {
        Self { divisor_override: divisor_override.into(), ..self }
    }

    fn sides(&self) -> (Side, Side) {
        let side = |kernel_size, stride, padding| Side {
            kernel_size,
            stride,
            padding,
            dilation: 1,
            ceil_mode: self.ceil_mode,
        };
        (
            side(self.kernel_size.0, self.stride.0, self.padding.0),
            side(self.kernel_size.1, self.stride.1, self.padding.1),
        )
    }
}

/// # Errors
///
/// The input is no image or batch of images, or is smaller than the kernel; a kernel, stride or divisor of 0; a padding
/// of more than half of the kernel.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for AvgPool2d {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| batched("AvgPool2d", x, |x| in_opmath(x, |x| avg_pool2d(x, self))))
    }
}

fn avg_pool2d(x: &Candle, pool: &AvgPool2d) -> candle_core::Result<Candle> {
    if pool.divisor_override == Some(0) {
        bail!("AvgPool2d: divisor must be not zero")
    }
    let (_, _, height, width) = x.dims4()?;
    let (rows, columns) = pool.sides();
    let (down, across) = (rows.windows("AvgPool2d", height)?, columns.windows("AvgPool2d", width)?);
    let is_plain = [down, across].iter().all(|windows| windows.margins() == (0, 0)) && pool.divisor_override.is_none();
    let has_gradient = down.is_partition() && across.is_partition();
    if is_plain && (has_gradient || !x.track_op()) {
        return x.avg_pool2d_with_stride(pool.kernel_size, pool.stride);
    }
    let ranges = |windows: Windows| {
        (0..windows.count).map(move |window| {
            let (start, end) = windows.inside(window);
            let divisor = match (pool.divisor_override, pool.count_include_pad) {
                (Some(_), _) => 1,
                (None, true) => windows.padded_len(window),
                (None, false) => end - start,
            };
            ((start, end), divisor)
        })
    };
    let y = pool::average(&pool::average(x, 2, ranges(down))?, 3, ranges(across))?;
    match pool.divisor_override {
        Some(divisor) => y / divisor as f64,
        None => Ok(y),
    }
}
