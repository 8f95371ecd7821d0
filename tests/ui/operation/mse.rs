use model_runtime::prelude::*;

fn loss(predicted: &Tensor<Cuda<0>>, target: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    loss::mse(predicted, target)
}

fn main() {}
