use model_runtime::prelude::*;

fn loss(logits: &Tensor<Cuda<0>>, target: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    loss::binary_cross_entropy_with_logit(logits, target)
}

fn main() {}
