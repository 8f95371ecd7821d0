use model_runtime::prelude::*;

fn run(mlp: &Sequential<(Linear<Cuda<0>>, ReLU, Linear<Cuda<0>>)>, x: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    mlp.forward(x)
}

fn main() {}
