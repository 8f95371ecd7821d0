use model_runtime::prelude::*;

fn loss(log_probs: &Tensor<Cuda<0>>, labels: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    loss::nll(log_probs, labels)
}

fn main() {}
