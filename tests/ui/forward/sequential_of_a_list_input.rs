use model_runtime::prelude::*;

fn run<D: Compute>(layers: &Sequential<Vec<Linear<D>>>, x: &Tensor<Cpu>) -> Result<Tensor<D>> {
    layers.forward(&x.relu()?)?.relu()
}

fn main() {}
