//! A multilayer perceptron.

use candle_core::{Result, Tensor as Candle};
use candle_nn::Module as _;
use model_runtime::prelude::{Approximate, Compute, Device, Forward, GELU, Linear, Module, Tensor};

use super::{Pair, linears, numbers, typed};

#[derive(Module, Debug)]
pub struct Mlp<D: Device> {
    fc1: Linear<D>,
    act: GELU,
    fc2: Linear<D>,
}

impl<D: Compute> Forward<&Tensor<D>> for Mlp<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> model_runtime::Result<Tensor<D>> {
        self.fc2.forward(&self.act.forward(&self.fc1.forward(x)?)?)
    }
}

pub struct CandleMlp {
    fc1: candle_nn::Linear,
    fc2: candle_nn::Linear,
}

impl CandleMlp {
    pub fn forward(&self, x: &Candle) -> Result<Candle> {
        self.fc2.forward(&self.fc1.forward(x)?.gelu()?)
    }
}

/// Both kinds with the same weights.
pub fn mlps(width: usize, hidden: usize) -> Result<(Mlp<model_runtime::Cpu>, CandleMlp)> {
    let ((fc1, candle_fc1), (fc2, candle_fc2)) = (linears(width, hidden)?, linears(hidden, width)?);
    let act = GELU::new().approximate(Approximate::Tanh);
    Ok((Mlp { fc1, act, fc2 }, CandleMlp { fc1: candle_fc1, fc2: candle_fc2 }))
}

pub fn pair(rows: usize, width: usize) -> Result<Pair> {
    let x = numbers(&[rows, width])?;
    let (model, candle) = mlps(width, 2 * width)?;
    let input = typed(&x)?;
    Ok(Pair::new(move || model.forward(&input), move || candle.forward(&x)))
}
