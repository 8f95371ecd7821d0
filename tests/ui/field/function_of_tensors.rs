//! A function of tensors on the model's device is for that device only.

use model_runtime::prelude::*;

#[derive(Module)]
struct Mlp<D: Device> {
    fc: Linear<D>,
    activation: fn(&Tensor<D>) -> Result<Tensor<D>>,
}

fn main() {}
