use model_runtime::prelude::*;

fn rectified(x: &Tensor<Cuda<0>>, floor: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    x.maximum(floor)
}

fn main() {}
