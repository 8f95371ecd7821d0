//! [`PReLU`]: `y = max(x, 0) + w · min(x, 0)`, with one learned slope or one per channel.

use candle_core::{Tensor as Candle, bail};

use super::compute;
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init::Init;
use crate::module::{Forward, Param, Spec};
use crate::tensor::Tensor;

/// The rectifier with a learned slope below zero: `max(x, 0) + w · min(x, 0)`.
///
/// Corresponds to [`torch.nn.PReLU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.PReLU.html). With one slope
/// the input has any shape; with several its second dimension has as many elements.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let prelu = PReLU::new().init(Cpu)?; // 0.25 until trained
/// let x = Tensor::from_vec(vec![-1f32, 2.0], 2, Cpu)?;
/// assert_eq!(prelu.forward(&x)?.to_vec1::<f32>()?, [-0.25, 2.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct PReLU<D: Device> {
    /// `(num_parameters)`.
    pub weight: Param<D>,
    /// The number of slopes.
    pub num_parameters: usize,
    /// The initial slope: `init` in PyTorch, which here is the method that initialises a model.
    pub init_value: f64,
}

impl PReLU<Meta> {
    /// Declares the layer, with one slope, initially 0.25.
    pub fn new() -> Self {
        Self { weight: Param::new(1, Init::Const(0.25)), num_parameters: 1, init_value: 0.25 }
    }

    /// The number of slopes: 1, or the number of channels. PyTorch's default is 1.
    #[must_use]
    pub fn num_parameters(self, num_parameters: usize) -> Self {
        Self { num_parameters, ..self }.declare()
    }

    /// The initial slope. PyTorch's default is 0.25.
    #[must_use]
    pub fn init_value(self, init_value: f64) -> Self {
        Self { init_value, ..self }.declare()
    }

    fn declare(self) -> Self {
        let spec = Spec::new(self.num_parameters, Init::Const(self.init_value));
        let weight = Param::declare(match self.num_parameters {
            0 => spec.invalid("num_parameters should be greater than zero, got: 0"),
            _ => spec,
        });
        Self { weight, ..self }
    }
}

/// One slope, initially 0.25, as in PyTorch.
impl Default for PReLU<Meta> {
    fn default() -> Self {
        Self::new()
    }
}

/// # Errors
///
/// Several slopes, and another number of channels.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for PReLU<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| prelu(x, self.weight.as_candle()))
    }
}

fn prelu(x: &Candle, weight: &Candle) -> candle_core::Result<Candle> {
    let slopes = weight.elem_count();
    let mut shape = vec![1; x.rank()];
    if slopes != 1 {
        match x.dims() {
            [_, channels, ..] if *channels == slopes => shape[1] = slopes,
            dims => bail!("PReLU: shape of the input, expected: (N, {slopes}, *), got: {dims:?}"),
        }
    }
    let below = x.minimum(0.0)?.broadcast_mul(&weight.reshape(shape)?)?;
    x.relu()? + below
}
