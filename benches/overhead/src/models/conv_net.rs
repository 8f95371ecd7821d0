//! Two convolutions, each with a pooling, and a linear layer.

use candle_core::{Result, Tensor as Candle};
use candle_nn::Module as _;
use model_runtime::prelude::{Compute, Conv2d, Device, Forward, Linear, MaxPool2d, Module, ReLU, Tensor};

use super::{Pair, linears, numbers, typed};
use crate::layers::convs;

const CLASSES: usize = 10;

#[derive(Module, Debug)]
struct Net<D: Device> {
    conv1: Conv2d<D>,
    conv2: Conv2d<D>,
    relu: ReLU,
    pool: MaxPool2d,
    fc: Linear<D>,
}

impl<D: Compute> Forward<&Tensor<D>> for Net<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> model_runtime::Result<Tensor<D>> {
        let x = self.pool.forward(&self.relu.forward(&self.conv1.forward(x)?)?)?;
        let x = self.pool.forward(&self.relu.forward(&self.conv2.forward(&x)?)?)?;
        self.fc.forward(&x.flatten_from(1)?)
    }
}

struct CandleNet {
    conv1: candle_nn::Conv2d,
    conv2: candle_nn::Conv2d,
    fc: candle_nn::Linear,
}

impl CandleNet {
    fn forward(&self, x: &Candle) -> Result<Candle> {
        let x = self.conv1.forward(x)?.relu()?.max_pool2d(2)?;
        let x = self.conv2.forward(&x)?.relu()?.max_pool2d(2)?;
        self.fc.forward(&x.flatten_from(1)?)
    }
}

pub fn pair(size: usize, channels: usize) -> Result<Pair> {
    let x = numbers(&[1, 1, size, size])?;
    let ((conv1, candle_conv1), (conv2, candle_conv2)) = (convs(1, channels)?, convs(channels, 2 * channels)?);
    let (fc, candle_fc) = linears(2 * channels * (size / 4) * (size / 4), CLASSES)?;
    let net = Net { conv1, conv2, relu: ReLU, pool: MaxPool2d::new(2), fc };
    let candle = CandleNet { conv1: candle_conv1, conv2: candle_conv2, fc: candle_fc };
    let input = typed(&x)?;
    Ok(Pair::new(move || net.forward(&input), move || candle.forward(&x)))
}
