use model_runtime::prelude::*;

fn batch(first: Tensor<Cpu>, second: Tensor<Cuda<0>>) -> Result<Tensor<Cuda<0>>> {
    Tensor::stack(&vec![second, first], 0)
}

fn main() {}
