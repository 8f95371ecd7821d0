use model_runtime::prelude::*;

fn run(layer: &Linear<Cpu>, x: &Tensor<Cpu>) -> Result<Tensor<Cpu>> {
    layer.forward(&layer.forward(x))
}

fn main() {}
