//! [`MaxPool2d`]: the largest element of each window, from `(N, C, H, W)` to `(N, C, H', W')`.

use candle_core::{Tensor as Candle, ToUsize2};

use super::batched::batched;
use super::compute;
use super::pool::{self, Side};
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// The largest element of each window of an image.
///
/// Corresponds to [`torch.nn.MaxPool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html) without
/// `return_indices`. The input is `(N, C, H, W)` or `(C, H, W)`. Padding never is the largest element.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec((0..16).map(|i| i as f32).collect::<Vec<_>>(), (1, 1, 4, 4), Cpu)?;
/// let y = MaxPool2d::new(2).forward(&x)?;
/// assert_eq!(y.flatten_all()?.to_vec1::<f32>()?, [5.0, 7.0, 13.0, 15.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Copy, Debug)]
pub struct MaxPool2d {
    /// The height and width of a window.
    pub kernel_size: (usize, usize),
    /// The steps between two windows.
    pub stride: (usize, usize),
    /// The rows above and below, and the columns left and right, that windows may reach into.
    pub padding: (usize, usize),
    /// The steps between two elements of a window.
    pub dilation: (usize, usize),
    /// Whether windows may reach over the end of the input.
    pub ceil_mode: bool,
}

impl MaxPool2d {
    /// Windows side by side, as `stride` is the kernel's size until set.
    pub fn new(kernel_size: impl ToUsize2) -> Self {
        let kernel_size = kernel_size.to_usize2();
        Self { kernel_size, stride: kernel_size, padding: (0, 0), dilation: (1, 1), ceil_mode: false }
    }

    /// The steps between two windows. PyTorch's default is the size of the kernel.
    #[must_use]
    pub fn stride(self, stride: impl ToUsize2) -> Self {
        Self { stride: stride.to_usize2(), ..self }
    }

    /// How far windows reach over the edges, at most half of the kernel. PyTorch's default is 0.
    #[must_use]
    pub fn padding(self, padding: impl ToUsize2) -> Self {
        Self { padding: padding.to_usize2(), ..self }
    }

    /// The steps between two elements of a window. PyTorch's default is 1.
    #[must_use]
    pub fn dilation(self, dilation: impl ToUsize2) -> Self {
        Self { dilation: dilation.to_usize2(), ..self }
    }

    /// Whether windows may reach over the end of the input. PyTorch's default is `false`.
    #[must_use]
    pub fn ceil_mode(self, ceil_mode: bool) -> Self {
        Self { ceil_mode, ..self }
    }
}

/// # Errors
///
/// The input is no image or batch of images, or is smaller than the kernel; a kernel or stride of 0; a padding of more
/// than half of the kernel.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for MaxPool2d {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let side = |kernel_size, stride, padding, dilation| Side {
            kernel_size,
            stride,
            padding,
            dilation,
            ceil_mode: self.ceil_mode,
        };
        let rows = side(self.kernel_size.0, self.stride.0, self.padding.0, self.dilation.0);
        let columns = side(self.kernel_size.1, self.stride.1, self.padding.1, self.dilation.1);
        compute(x, |x| batched("MaxPool2d", x, |x| max_pool2d(x, rows, columns)))
    }
}

#[inline]
fn max_pool2d(x: &Candle, rows: Side, columns: Side) -> candle_core::Result<Candle> {
    let (kernel_size, stride) = ((rows.kernel_size, columns.kernel_size), (rows.stride, columns.stride));
    let has_gradient = x.track_op();
    if let &[_, _, height, width] = x.dims()
        && rows.is_plain(height, has_gradient)
        && columns.is_plain(width, has_gradient)
    {
        return x.max_pool2d_with_stride(kernel_size, stride);
    }
    with_margins(x, rows, columns)
}

/// The same where windows reach over an edge, overlap while a gradient is wanted, or have gaps between their elements.
fn with_margins(x: &Candle, rows: Side, columns: Side) -> candle_core::Result<Candle> {
    let (_, _, height, width) = x.dims4()?;
    let (down, across) = (rows.windows("MaxPool2d", height)?, columns.windows("MaxPool2d", width)?);
    let has_kernel = rows.dilation == 1 && columns.dilation == 1;
    if !has_kernel || x.track_op() {
        return pool::max("MaxPool2d", &pool::max("MaxPool2d", x, 2, &down)?, 3, &across);
    }
    // A window that reaches over an edge has elements at that edge: repeating those changes no maximum.
    let (top, bottom) = down.margins();
    let (left, right) = across.margins();
    let (kernel_size, stride) = ((rows.kernel_size, columns.kernel_size), (rows.stride, columns.stride));
    x.pad_with_same(2, top, bottom)?.pad_with_same(3, left, right)?.max_pool2d_with_stride(kernel_size, stride)
}
