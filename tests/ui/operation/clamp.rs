use model_runtime::prelude::*;

fn limited(x: &Tensor<Cuda<0>>, highest: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    x.clamp(0.0, highest)
}

fn main() {}
