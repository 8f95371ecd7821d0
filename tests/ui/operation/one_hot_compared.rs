use model_runtime::prelude::*;

fn masked(logits: &Tensor<Cuda<0>>, labels: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    let one_hot = labels.one_hot(10, 1f32, 0.0)?;
    logits.mul(&one_hot)
}

fn main() {}
