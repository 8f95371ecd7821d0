//! Convolutions.
//!
//! Arguments are in candle's order: `padding, [output_padding,] stride, dilation, groups`. Inputs are
//! `(batch, channels, length)` or `(batch, channels, height, width)`.

use candle_core::conv::CudnnFwdAlgo;

use super::check::{Conv, not_zero};
use super::{OnDevice, Tensor};
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Applies a convolution over one dimension; the kernel is `(out, in / groups, size)`.
    ///
    /// Corresponds to [`torch.nn.functional.conv1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::arange(0f32, 5.0, Cpu)?.reshape((1, 1, 5))?;
    /// let kernel = Tensor::new(&[[[1f32, 0.0, -1.0]]], Cpu)?;
    /// assert_eq!(x.conv1d(&kernel, 0, 1, 1, 1)?.to_vec3::<f32>()?, [[[-2.0, -2.0, -2.0]]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A kernel larger than the padded input, a stride of zero, or channels that do not fit.
    #[inline]
    pub fn conv1d(
        &self,
        kernel: &impl OnDevice<D>,
        padding: usize,
        stride: usize,
        dilation: usize,
        groups: usize,
    ) -> Result<Self> {
        self.conv1d_with_algo(kernel, padding, stride, dilation, groups, None)
    }

    /// Applies a convolution over one dimension, with the algorithm that cuDNN is to use.
    ///
    /// Corresponds to [`torch.nn.functional.conv1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html).
    ///
    /// # Errors
    ///
    /// A kernel larger than the padded input, a stride of zero, or channels that do not fit.
    #[inline]
    pub fn conv1d_with_algo(
        &self,
        kernel: &impl OnDevice<D>,
        padding: usize,
        stride: usize,
        dilation: usize,
        groups: usize,
        cudnn_fwd_algo: Option<CudnnFwdAlgo>,
    ) -> Result<Self> {
        let kernel = kernel.operand();
        let (input, dims) = (self.dims(), kernel.dims());
        Conv { op: "conv1d", input, kernel: dims, padding, stride, dilation }.check()?;
        Ok(Self::wrap(self.inner.conv1d_with_algo(kernel, padding, stride, dilation, groups, cudnn_fwd_algo)?))
    }

    /// Applies a transposed convolution over one dimension; the kernel is `(in, out / groups, size)`.
    ///
    /// Corresponds to [`torch.nn.functional.conv_transpose1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose1d.html).
    ///
    /// # Errors
    ///
    /// Padding larger than the output, a stride of zero, or channels that do not fit.
    #[inline]
    pub fn conv_transpose1d(
        &self,
        kernel: &impl OnDevice<D>,
        padding: usize,
        output_padding: usize,
        stride: usize,
        dilation: usize,
        groups: usize,
    ) -> Result<Self> {
        let kernel = kernel.operand();
        let (input, dims) = (self.dims(), kernel.dims());
        Conv { op: "conv_transpose1d", input, kernel: dims, padding, stride, dilation }
            .check_transposed(output_padding)?;
        not_zero("conv_transpose1d", "number of groups", groups)?;
        Ok(Self::wrap(self.inner.conv_transpose1d(kernel, padding, output_padding, stride, dilation, groups)?))
    }

    /// Applies a convolution over two dimensions; the kernel is `(out, in / groups, height, width)`.
    ///
    /// Corresponds to [`torch.nn.functional.conv2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::arange(0f32, 9.0, Cpu)?.reshape((1, 1, 3, 3))?;
    /// let kernel = Tensor::ones((1, 1, 2, 2), DType::F32, Cpu)?;
    /// let y = x.conv2d(&kernel, 0, 1, 1, 1)?;
    /// assert_eq!(y.flatten_from(2)?.to_vec3::<f32>()?, [[[8.0, 12.0, 20.0, 24.0]]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A kernel larger than the padded input, a stride of zero, or channels that do not fit.
    #[inline]
    pub fn conv2d(
        &self,
        kernel: &impl OnDevice<D>,
        padding: usize,
        stride: usize,
        dilation: usize,
        groups: usize,
    ) -> Result<Self> {
        self.conv2d_with_algo(kernel, padding, stride, dilation, groups, None)
    }

    /// Applies a convolution over two dimensions, with the algorithm that cuDNN is to use.
    ///
    /// Corresponds to [`torch.nn.functional.conv2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html).
    ///
    /// # Errors
    ///
    /// A kernel larger than the padded input, a stride of zero, or channels that do not fit.
    #[inline]
    pub fn conv2d_with_algo(
        &self,
        kernel: &impl OnDevice<D>,
        padding: usize,
        stride: usize,
        dilation: usize,
        groups: usize,
        cudnn_fwd_algo: Option<CudnnFwdAlgo>,
    ) -> Result<Self> {
        let kernel = kernel.operand();
        let (input, dims) = (self.dims(), kernel.dims());
        Conv { op: "conv2d", input, kernel: dims, padding, stride, dilation }.check()?;
        Ok(Self::wrap(self.inner.conv2d_with_algo(kernel, padding, stride, dilation, groups, cudnn_fwd_algo)?))
    }

    /// Applies a transposed convolution over two dimensions; the kernel is `(in, out, height, width)`. candle has no
    /// groups here.
    ///
    /// Corresponds to [`torch.nn.functional.conv_transpose2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html).
    ///
    /// # Errors
    ///
    /// Padding larger than the output, a stride of zero, or channels that do not fit.
    #[inline]
    pub fn conv_transpose2d(
        &self,
        kernel: &impl OnDevice<D>,
        padding: usize,
        output_padding: usize,
        stride: usize,
        dilation: usize,
    ) -> Result<Self> {
        let kernel = kernel.operand();
        let (input, dims) = (self.dims(), kernel.dims());
        Conv { op: "conv_transpose2d", input, kernel: dims, padding, stride, dilation }
            .check_transposed(output_padding)?;
        Ok(Self::wrap(self.inner.conv_transpose2d(kernel, padding, output_padding, stride, dilation)?))
    }
}
