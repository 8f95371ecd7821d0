use model_runtime::prelude::*;

fn step(logits: &Tensor<Cuda<0>>, labels: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    loss::cross_entropy(logits, labels)
}

fn main() {}
