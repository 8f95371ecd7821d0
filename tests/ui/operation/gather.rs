use model_runtime::prelude::*;

fn picked(log_probs: &Tensor<Cuda<0>>, labels: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    log_probs.gather(labels, 1)
}

fn main() {}
