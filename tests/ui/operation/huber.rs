use model_runtime::prelude::*;

fn loss(predicted: &Tensor<Cuda<0>>, target: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    loss::huber(predicted, target, 1.0)
}

fn main() {}
