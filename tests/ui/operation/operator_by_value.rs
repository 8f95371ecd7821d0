use model_runtime::prelude::*;

fn scaled(x: Tensor<Cuda<0>>, y: Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    x * y
}

fn main() {}
