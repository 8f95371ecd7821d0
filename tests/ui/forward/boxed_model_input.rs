use model_runtime::prelude::*;

fn run(layer: &Box<Linear<Cuda<0>>>, x: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    layer.forward(x)
}

fn main() {}
