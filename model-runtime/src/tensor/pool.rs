//! Pooling and resizing of images `(batch, channels, height, width)` and sequences `(batch, channels, length)`.

use candle_core::ToUsize2;

use super::{Tensor, check};
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Averages windows of `kernel_size`, which is one number or `(height, width)`, side by side.
    ///
    /// Corresponds to [`torch.nn.functional.avg_pool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html).
    ///
    /// # Errors
    ///
    /// A kernel larger than the image, or a size or stride of zero.
    #[inline]
    pub fn avg_pool2d(&self, kernel_size: impl ToUsize2) -> Result<Self> {
        let kernel_size = kernel_size.to_usize2();
        self.avg_pool2d_with_stride(kernel_size, kernel_size)
    }

    /// Averages windows of `kernel_size` that are `stride` apart.
    ///
    /// Corresponds to [`torch.nn.functional.avg_pool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html).
    ///
    /// # Errors
    ///
    /// A kernel larger than the image, or a size or stride of zero.
    #[inline]
    pub fn avg_pool2d_with_stride(&self, kernel_size: impl ToUsize2, stride: impl ToUsize2) -> Result<Self> {
        let (kernel_size, stride) = (kernel_size.to_usize2(), stride.to_usize2());
        check::pool("avg_pool2d", kernel_size, stride)?;
        Ok(Self::wrap(self.inner.avg_pool2d_with_stride(kernel_size, stride)?))
    }

    /// Takes the largest element of windows of `kernel_size`, which is one number or `(height, width)`, side by side.
    ///
    /// Corresponds to [`torch.nn.functional.max_pool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::arange(0f32, 16.0, Cpu)?.reshape((1, 1, 4, 4))?;
    /// let y = x.max_pool2d(2)?;
    /// assert_eq!(y.flatten_from(2)?.to_vec3::<f32>()?, [[[5.0, 7.0, 13.0, 15.0]]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A kernel larger than the image, or a size or stride of zero.
    #[inline]
    pub fn max_pool2d(&self, kernel_size: impl ToUsize2) -> Result<Self> {
        let kernel_size = kernel_size.to_usize2();
        self.max_pool2d_with_stride(kernel_size, kernel_size)
    }

    /// Takes the largest element of windows of `kernel_size` that are `stride` apart.
    ///
    /// Corresponds to [`torch.nn.functional.max_pool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html).
    ///
    /// # Errors
    ///
    /// A kernel larger than the image, or a size or stride of zero.
    #[inline]
    pub fn max_pool2d_with_stride(&self, kernel_size: impl ToUsize2, stride: impl ToUsize2) -> Result<Self> {
        let (kernel_size, stride) = (kernel_size.to_usize2(), stride.to_usize2());
        check::pool("max_pool2d", kernel_size, stride)?;
        Ok(Self::wrap(self.inner.max_pool2d_with_stride(kernel_size, stride)?))
    }

    /// Resizes a sequence by repeating the nearest element.
    ///
    /// Corresponds to [`torch.nn.functional.interpolate`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html)
    /// with `mode="nearest"`.
    #[inline]
    pub fn interpolate1d(&self, target_size: usize) -> Result<Self> {
        Ok(Self::wrap(self.inner.interpolate1d(target_size)?))
    }

    /// Resizes a sequence by repeating the nearest element: another name of [`interpolate1d`](Tensor::interpolate1d).
    #[inline]
    pub fn upsample_nearest1d(&self, target_size: usize) -> Result<Self> {
        Ok(Self::wrap(self.inner.upsample_nearest1d(target_size)?))
    }

    /// Resizes an image by repeating the nearest element.
    ///
    /// Corresponds to [`torch.nn.functional.interpolate`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html)
    /// with `mode="nearest"`.
    #[inline]
    pub fn interpolate2d(&self, target_h: usize, target_w: usize) -> Result<Self> {
        Ok(Self::wrap(self.inner.interpolate2d(target_h, target_w)?))
    }

    /// Resizes an image by repeating the nearest element: another name of [`interpolate2d`](Tensor::interpolate2d).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[[[[1f32, 2.0]]]], Cpu)?;
    /// let y = x.upsample_nearest2d(1, 4)?;
    /// assert_eq!(y.flatten_all()?.to_vec1::<f32>()?, [1.0, 1.0, 2.0, 2.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn upsample_nearest2d(&self, target_h: usize, target_w: usize) -> Result<Self> {
        Ok(Self::wrap(self.inner.upsample_nearest2d(target_h, target_w)?))
    }

    /// Resizes an image by bilinear interpolation.
    ///
    /// Corresponds to [`torch.nn.functional.interpolate`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html)
    /// with `size` and `mode="bilinear"`.
    #[inline]
    pub fn upsample_bilinear2d(&self, target_h: usize, target_w: usize, align_corners: bool) -> Result<Self> {
        Ok(Self::wrap(self.inner.upsample_bilinear2d(target_h, target_w, align_corners)?))
    }

    /// Resizes an image by bilinear interpolation, by two factors.
    ///
    /// Corresponds to [`torch.nn.functional.interpolate`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html)
    /// with `scale_factor` and `mode="bilinear"`.
    #[inline]
    pub fn upsample_bilinear2d_with_scale(&self, scale_h: f64, scale_w: f64, align_corners: bool) -> Result<Self> {
        Ok(Self::wrap(self.inner.upsample_bilinear2d_with_scale(scale_h, scale_w, align_corners)?))
    }
}
