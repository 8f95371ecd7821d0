//! Layers of this repository, and those of candle-nn with the same weights.

use candle_core::{DType, Device, Result, Tensor as Candle};
use candle_nn::{Conv2dConfig, Module as _};
use model_runtime::prelude::{Conv2d, Forward, LayerNorm, Linear, Param};

use crate::operations::typed;
use crate::pair::{Case, Pair};

pub const CASES: &[Case] = &[
    Case { id: "linear-small", says: "`Linear`, (1, 8) to 8", calls: 200, pair: || linear(&[1, 8], 8) },
    Case { id: "linear-row", says: "`Linear`, (1, 256) to 256", calls: 50, pair: || linear(&[1, 256], 256) },
    Case { id: "linear-batch", says: "`Linear`, (1, 16, 256) to 256", calls: 10, pair: || linear(&[1, 16, 256], 256) },
    Case { id: "conv-small", says: "`Conv2d`, (1, 1, 8, 8), 4 kernels of 3 × 3", calls: 100, pair: || conv(1, 8, 4) },
    Case { id: "conv", says: "`Conv2d`, (1, 8, 16, 16), 16 kernels of 3 × 3", calls: 10, pair: || conv(8, 16, 16) },
    Case { id: "norm-small", says: "`LayerNorm`, (1, 8)", calls: 200, pair: || norm(&[1, 8]) },
    Case { id: "norm", says: "`LayerNorm`, (1, 16, 256)", calls: 20, pair: || norm(&[1, 16, 256]) },
];

/// Numbers that are the same in each process.
pub fn numbers(shape: &[usize]) -> Result<Candle> {
    let count = shape.iter().product::<usize>();
    Candle::from_vec((0..count).map(|index| (index as f32 * 0.37).sin() * 0.3).collect(), shape, &Device::Cpu)
}

/// A parameter with the storage of a candle tensor.
pub fn param(tensor: &Candle) -> Result<Param<model_runtime::Cpu>> {
    Ok(Param::from_tensor(typed(tensor)?))
}

/// Both kinds of linear layer with one weight and bias.
pub fn linears(in_features: usize, out_features: usize) -> Result<(Linear<model_runtime::Cpu>, candle_nn::Linear)> {
    let (weight, bias) = (numbers(&[out_features, in_features])?, numbers(&[out_features])?);
    let layer = Linear { weight: param(&weight)?, bias: Some(param(&bias)?), in_features, out_features };
    Ok((layer, candle_nn::Linear::new(weight, Some(bias))))
}

/// Both kinds of layer norm with one weight and bias.
pub fn norms(features: usize) -> Result<(LayerNorm<model_runtime::Cpu>, candle_nn::LayerNorm)> {
    let (weight, bias) = (Candle::ones(features, DType::F32, &Device::Cpu)?, numbers(&[features])?);
    let normalized_shape = features.into();
    let layer = LayerNorm { weight: Some(param(&weight)?), bias: Some(param(&bias)?), normalized_shape, eps: 1e-5 };
    Ok((layer, candle_nn::LayerNorm::new(weight, bias, 1e-5)))
}

fn linear(shape: &[usize], out_features: usize) -> Result<Pair> {
    let x = numbers(shape)?;
    let (layer, candle) = linears(shape[shape.len() - 1], out_features)?;
    let input = typed(&x)?;
    Ok(Pair::new(move || layer.forward(&input), move || candle.forward(&x)))
}

fn norm(shape: &[usize]) -> Result<Pair> {
    let x = numbers(shape)?;
    let (layer, candle) = norms(shape[shape.len() - 1])?;
    let input = typed(&x)?;
    Ok(Pair::new(move || layer.forward(&input), move || candle.forward(&x)))
}

/// Both kinds of convolution with one weight and bias, and a padding of 1.
pub fn convs(in_channels: usize, out_channels: usize) -> Result<(Conv2d<model_runtime::Cpu>, candle_nn::Conv2d)> {
    let (weight, bias) = (numbers(&[out_channels, in_channels, 3, 3])?, numbers(&[out_channels])?);
    let declared = Conv2d::new(in_channels, out_channels, 3).padding(1);
    let layer = Conv2d {
        weight: param(&weight)?,
        bias: Some(param(&bias)?),
        in_channels,
        out_channels,
        kernel_size: declared.kernel_size,
        stride: declared.stride,
        padding: declared.padding,
        padding_mode: declared.padding_mode,
        dilation: declared.dilation,
        groups: declared.groups,
    };
    Ok((layer, candle_nn::Conv2d::new(weight, Some(bias), Conv2dConfig { padding: 1, ..Default::default() })))
}

fn conv(in_channels: usize, size: usize, out_channels: usize) -> Result<Pair> {
    let x = numbers(&[1, in_channels, size, size])?;
    let (layer, candle) = convs(in_channels, out_channels)?;
    let input = typed(&x)?;
    Ok(Pair::new(move || layer.forward(&input), move || candle.forward(&x)))
}
