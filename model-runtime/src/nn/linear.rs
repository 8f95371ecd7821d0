//! [`Linear`]: `y = x Wᵀ + b`, from `(*, in_features)` to `(*, out_features)`.

use candle_core::bail;

use super::compute;
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init;
use crate::module::{Forward, Param, Spec};
use crate::tensor::Tensor;

/// A linear map with a bias: `y = x Wᵀ + b`.
///
/// Corresponds to [`torch.nn.Linear`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html). Any number
/// of dimensions may come before the last one of the input, also none. The initial values are uniform in
/// ±1/√`in_features`.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let layer = Linear {
///     weight: Param::from_tensor(Tensor::from_vec(vec![1f32, 2.0, 3.0, 4.0], (2, 2), Cpu)?),
///     bias: Some(Param::from_tensor(Tensor::from_vec(vec![0.5f32, -0.5], 2, Cpu)?)),
///     in_features: 2,
///     out_features: 2,
/// };
/// let y = layer.forward(&Tensor::from_vec(vec![1f32, -1.0], (1, 2), Cpu)?)?;
/// assert_eq!(y.to_vec2::<f32>()?, [[-0.5, -1.5]]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct Linear<D: Device> {
    /// `(out_features, in_features)`.
    pub weight: Param<D>,
    /// `(out_features)`; none with `bias(false)`.
    pub bias: Option<Param<D>>,
    /// The size of the input's last dimension.
    pub in_features: usize,
    /// The size of the output's last dimension.
    pub out_features: usize,
}

impl Linear<Meta> {
    /// Declares the layer, with a bias.
    pub fn new(in_features: usize, out_features: usize) -> Self {
        let weight = Spec::new((out_features, in_features), init::fan_in_uniform(in_features));
        // It is transposed for the product in any case.
        let weight = Param::declare(weight.strided());
        Self { weight, bias: None, in_features, out_features }.bias(true)
    }

    /// Whether it adds a bias. PyTorch's default is `true`.
    #[must_use]
    pub fn bias(mut self, bias: bool) -> Self {
        self.bias = bias.then(|| Param::new(self.out_features, init::fan_in_uniform(self.in_features)));
        self
    }
}

/// # Errors
///
/// The last dimension of the input is not `in_features`, or its dtype is not that of the weight.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Linear<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let bias = self.bias.as_ref().map(Param::as_candle);
        compute(x, |x| linear(x, self.weight.as_candle(), bias))
    }
}

#[inline]
fn linear(
    x: &candle_core::Tensor,
    weight: &candle_core::Tensor,
    bias: Option<&candle_core::Tensor>,
) -> candle_core::Result<candle_core::Tensor> {
    let &[out_features, in_features] = weight.dims() else {
        bail!("Linear: shape of the weight, expected: (out_features, in_features), got: {:?}", weight.dims())
    };
    // Rows as they are: two views less, which count where the matrices are small.
    if let (&[_, features], &[step, 1]) = (x.dims(), x.stride())
        && features == in_features
        && step == features
    {
        return add_bias(x.matmul(&weight.t()?)?, bias);
    }
    let Some((&features, batch)) = x.dims().split_last().filter(|(features, _)| **features == in_features) else {
        bail!("Linear: shape of the input, expected: (*, {in_features}), got: {:?}", x.dims())
    };
    // One matrix product, not one for each element of the batch.
    let rows = batch.iter().product::<usize>();
    let y = add_bias(x.reshape((rows, features))?.matmul(&weight.t()?)?, bias)?;
    y.reshape([batch, &[out_features]].concat())
}

#[inline]
fn add_bias(y: candle_core::Tensor, bias: Option<&candle_core::Tensor>) -> candle_core::Result<candle_core::Tensor> {
    match bias {
        Some(bias) => y.broadcast_add(bias),
        None => Ok(y),
    }
}
