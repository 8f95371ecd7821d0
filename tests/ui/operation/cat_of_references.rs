use model_runtime::prelude::*;

fn joined(x: &Tensor<Cuda<0>>, past: &Tensor<Cuda<1>>) -> Result<Tensor<Cuda<0>>> {
    Tensor::cat(&[past, x], 1)
}

fn main() {}
