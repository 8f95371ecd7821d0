use model_runtime::prelude::*;

fn residual(x: &Tensor<Cuda<0>>, y: &Tensor<Cuda<0>>, z: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    x * y + z
}

fn main() {}
