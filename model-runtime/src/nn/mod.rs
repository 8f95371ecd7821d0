//! Layers: PyTorch's classes, arguments, defaults, weight layouts and numbers.
//!
//! A layer is declared with the arguments that PyTorch requires; its keyword arguments are methods of the same names:
//!
//! ```
//! use model_runtime::prelude::*;
//!
//! // nn.Conv2d(1, 16, 3, stride=2, padding=1, bias=False)
//! let conv = Conv2d::new(1, 16, 3).stride(2).padding(1).bias(false);
//! assert_eq!(conv.weight.dims(), [16, 1, 3, 3]);
//!
//! let conv = conv.init(Cpu)?;
//! let y = conv.forward(&Tensor::zeros((1, 1, 8, 8), DType::F32, Cpu)?)?;
//! assert_eq!(y.dims(), [1, 16, 4, 4]);
//! # Ok::<(), model_runtime::Error>(())
//! ```
//!
//! A declaration that PyTorch refuses, such as groups that do not divide the channels, is reported with its key by
//! `init` and `load_state_dict`; for a layer without parameters, which has no key, by `forward`.
//!
//! | | layers |
//! |---|---|
//! | linear | [`Linear`], [`Embedding`] |
//! | convolution | [`Conv1d`], [`Conv2d`], [`ConvTranspose1d`], [`ConvTranspose2d`], [`Upsample`] |
//! | normalisation | [`BatchNorm1d`], [`BatchNorm2d`], [`LayerNorm`], [`RMSNorm`], [`GroupNorm`], [`InstanceNorm2d`] |
//! | recurrent | [`LSTM`], [`GRU`], [`RNN`] |
//! | attention | [`MultiheadAttention`] |
//! | pooling | [`MaxPool2d`], [`AvgPool2d`], [`AdaptiveAvgPool2d`] |
//! | activation | [`ReLU`], [`ReLU6`], [`LeakyReLU`], [`PReLU`], [`ELU`], [`GELU`], [`SiLU`], [`Mish`], [`Sigmoid`], [`Tanh`], [`Softplus`], [`Softmax`], [`LogSoftmax`], [`Hardtanh`], [`Hardsigmoid`], [`Hardswish`] |
//! | other | [`Sequential`], [`Dropout`], [`Flatten`], [`Identity`] |
//!
//! Layers that normalise, and activations of several steps, compute half types in `f32` and round once at the end, as
//! PyTorch does.

use candle_core::DType;

use crate::device::Device;
use crate::error::Result;
use crate::tensor::Tensor;

mod activation;
mod adaptive_avg_pool2d;
mod avg_pool2d;
mod batch_norm;
mod batch_norm1d;
mod batch_norm2d;
mod batched;
mod conv;
mod conv1d;
mod conv2d;
mod conv_transpose;
mod conv_transpose1d;
mod conv_transpose2d;
mod dim;
mod dropout;
mod elu;
mod embedding;
mod flatten;
mod gelu;
mod group_norm;
mod gru;
mod hardsigmoid;
mod hardswish;
mod hardtanh;
mod identity;
mod instance_norm2d;
mod layer_norm;
mod leaky_relu;
mod linear;
mod log_softmax;
mod lstm;
mod max_pool2d;
mod mish;
mod multihead_attention;
mod normalise;
mod padding;
mod padding_mode;
mod pool;
mod prelu;
mod recurrent;
mod relu;
mod relu6;
mod rms_norm;
mod rnn;
mod row_norm;
mod sequential;
mod sigmoid;
mod silu;
mod softmax;
mod softplus;
mod tanh;
mod upsample;

pub use adaptive_avg_pool2d::{AdaptiveAvgPool2d, OutputSize};
pub use avg_pool2d::AvgPool2d;
pub use batch_norm1d::BatchNorm1d;
pub use batch_norm2d::BatchNorm2d;
pub use conv_transpose1d::ConvTranspose1d;
pub use conv_transpose2d::ConvTranspose2d;
pub use conv1d::Conv1d;
pub use conv2d::Conv2d;
pub use dropout::Dropout;
pub use elu::ELU;
pub use embedding::Embedding;
pub use flatten::Flatten;
pub use gelu::{Approximate, GELU};
pub use group_norm::GroupNorm;
pub use gru::GRU;
pub use hardsigmoid::Hardsigmoid;
pub use hardswish::Hardswish;
pub use hardtanh::Hardtanh;
pub use identity::Identity;
pub use instance_norm2d::InstanceNorm2d;
pub use layer_norm::LayerNorm;
pub use leaky_relu::LeakyReLU;
pub use linear::Linear;
pub use log_softmax::LogSoftmax;
pub use lstm::LSTM;
pub use max_pool2d::MaxPool2d;
pub use mish::Mish;
pub use multihead_attention::{AttentionInput, MultiheadAttention};
pub use padding::Padding;
pub use padding_mode::PaddingMode;
pub use prelu::PReLU;
pub use recurrent::cell::Nonlinearity;
pub use recurrent::weights::{RecurrentDirection, RecurrentWeights};
pub use relu::ReLU;
pub use relu6::ReLU6;
pub use rms_norm::RMSNorm;
pub use rnn::RNN;
pub use sequential::Sequential;
pub use sigmoid::Sigmoid;
pub use silu::SiLU;
pub use softmax::Softmax;
pub use softplus::Softplus;
pub use tanh::Tanh;
pub use upsample::{Upsample, UpsampleMode, UpsampleTarget};

/// Runs a function whose result is on the device of its input: one of candle's operations on it, and on weights beside.
#[inline]
fn compute<D: Device>(
    x: &Tensor<D>,
    function: impl FnOnce(&candle_core::Tensor) -> candle_core::Result<candle_core::Tensor>,
) -> Result<Tensor<D>> {
    Ok(Tensor::wrap(function(x.as_candle())?))
}

/// Computes half types in `f32` and rounds once, as PyTorch does (`at::opmath_type`).
#[inline]
fn in_opmath(
    x: &candle_core::Tensor,
    function: impl FnOnce(&candle_core::Tensor) -> candle_core::Result<candle_core::Tensor>,
) -> candle_core::Result<candle_core::Tensor> {
    match x.dtype() {
        DType::F16 | DType::BF16 => function(&x.to_dtype(DType::F32)?)?.to_dtype(x.dtype()),
        _ => function(x),
    }
}
