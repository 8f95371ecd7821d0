//! Activations, normalisation and other functions that candle keeps in `candle_nn::ops`, as methods.

use candle_core::shape::Dim;
use candle_nn::ops;

use super::Tensor;
use super::unary::unary;
use crate::device::Compute;
use crate::error::Result;

unary! {
    /// Replaces negative elements by zero.
    ///
    #[doc = functional!("relu")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[-1f32, 0.0, 2.0], Cpu)?;
    /// assert_eq!(x.relu()?.to_vec1::<f32>()?, [0.0, 0.0, 2.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    relu

    /// Computes GELU in its approximation by `tanh`. Floating dtypes.
    ///
    /// Corresponds to [`torch.nn.functional.gelu`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html)
    /// with `approximate="tanh"`. PyTorch's default is [`gelu_erf`](Tensor::gelu_erf).
    gelu

    /// Computes GELU exactly, `x / 2 * (1 + erf(x / sqrt(2)))`: PyTorch's default. Floating dtypes.
    ///
    #[doc = functional!("gelu")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(1f32, Cpu)?;
    /// assert!((x.gelu_erf()?.to_scalar::<f32>()? - 0.84134).abs() < 1e-5);
    /// assert!((x.gelu()?.to_scalar::<f32>()? - 0.84119).abs() < 1e-5);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    gelu_erf

    /// Computes `x * sigmoid(x)`. Floating dtypes.
    ///
    #[doc = functional!("silu")]
    silu
}

/// Methods without arguments that `candle_nn::ops` has as functions.
macro_rules! nn_unary {
    ($($(#[$doc:meta])* $name:ident)*) => {
        impl<D: Compute> Tensor<D> {$(
            $(#[$doc])*
            #[inline]
            pub fn $name(&self) -> Result<Self> {
                Ok(Self::wrap(ops::$name(&self.inner)?))
            }
        )*}
    };
}

nn_unary! {
    /// Computes `1 / (1 + exp(-x))`. Floating dtypes.
    ///
    #[doc = functional!("sigmoid")]
    sigmoid

    /// Computes `clamp((x + 3) / 6, 0, 1)`. Floating dtypes.
    ///
    #[doc = functional!("hardsigmoid")]
    hard_sigmoid

    /// Computes `x * tanh(log(1 + exp(x)))`. Floating dtypes.
    ///
    #[doc = functional!("mish")]
    mish

    /// Halves the last dimension: `silu(first half) * second half`. Floating dtypes.
    swiglu

    /// Computes softmax over the last dimension in one step, for inference: no gradient flows through. Floating dtypes;
    /// the tensor is contiguous.
    ///
    #[doc = functional!("softmax")]
    softmax_last_dim
}

impl<D: Compute> Tensor<D> {
    /// Computes softmax over a dimension: positive numbers that add up to 1. Floating dtypes.
    ///
    #[doc = functional!("softmax")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[[0f32, 1.0, 0.0, 1.0]], Cpu)?;
    /// let y = x.softmax(1)?.round_to(4)?;
    /// assert_eq!(y.to_vec2::<f32>()?, [[0.1345, 0.3655, 0.1345, 0.3655]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn softmax(&self, dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(ops::softmax(&self.inner, dim)?))
    }

    /// Computes the logarithm of softmax over a dimension. Floating dtypes.
    ///
    #[doc = functional!("log_softmax")]
    #[inline]
    pub fn log_softmax(&self, dim: impl Dim) -> Result<Self> {
        Ok(Self::wrap(ops::log_softmax(&self.inner, dim)?))
    }

    /// Replaces negative elements by `alpha * (exp(x) - 1)`. Floating dtypes; PyTorch's default is 1.
    ///
    #[doc = functional!("elu")]
    #[inline]
    pub fn elu(&self, alpha: f64) -> Result<Self> {
        Ok(Self::wrap(self.inner.elu(alpha)?))
    }

    /// Multiplies negative elements by `negative_slope`. Floating dtypes; PyTorch's default is 0.01.
    ///
    #[doc = functional!("leaky_relu")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[-4f32, 4.0], Cpu)?;
    /// assert_eq!(x.leaky_relu(0.25)?.to_vec1::<f32>()?, [-1.0, 4.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn leaky_relu(&self, negative_slope: f64) -> Result<Self> {
        Ok(Self::wrap(ops::leaky_relu(&self.inner, negative_slope)?))
    }

    /// Computes `gamma * x`, and `gamma * alpha * (exp(x) - 1)` for negative elements. `f32`; PyTorch has
    /// `alpha = 1.6732632` and `gamma = 1.050701`.
    ///
    #[doc = functional!("selu")]
    #[inline]
    pub fn selu(&self, alpha: f32, gamma: f32) -> Result<Self> {
        Ok(Self::wrap(ops::selu(&self.inner, alpha, gamma)?))
    }

    /// Sets elements to zero with probability `p`, and scales the others by `1 / (1 - p)`: always, as in training.
    ///
    #[doc = functional!("dropout")]
    ///
    /// # Errors
    ///
    /// A probability outside `0..1`.
    #[inline]
    pub fn dropout(&self, p: f32) -> Result<Self> {
        Ok(Self::wrap(ops::dropout(&self.inner, p)?))
    }

    /// Moves channels into space: `(b, c * r * r, h, w)` becomes `(b, c, h * r, w * r)`.
    ///
    #[doc = functional!("pixel_shuffle")]
    #[inline]
    pub fn pixel_shuffle(&self, upscale_factor: usize) -> Result<Self> {
        Ok(Self::wrap(ops::pixel_shuffle(&self.inner, upscale_factor)?))
    }

    /// Moves space into channels: `(b, c, h * r, w * r)` becomes `(b, c * r * r, h, w)`.
    ///
    #[doc = functional!("pixel_unshuffle")]
    #[inline]
    pub fn pixel_unshuffle(&self, downscale_factor: usize) -> Result<Self> {
        Ok(Self::wrap(ops::pixel_unshuffle(&self.inner, downscale_factor)?))
    }

    /// Repeats the border of images `(b, c, h, w)` by `padding`, which candle has for 0 and 1;
    /// [`pad_with_same`](Tensor::pad_with_same) takes any size.
    ///
    /// Corresponds to [`torch.nn.ReplicationPad2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html).
    ///
    /// # Errors
    ///
    /// More than 1.
    #[inline]
    pub fn replication_pad2d(&self, padding: usize) -> Result<Self> {
        Ok(Self::wrap(ops::replication_pad2d(&self.inner, padding)?))
    }
}
