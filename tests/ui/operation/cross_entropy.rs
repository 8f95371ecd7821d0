use model_runtime::prelude::*;

fn loss(logits: &Tensor<Cuda<0>>) -> Result<Tensor<Cuda<0>>> {
    let labels = Tensor::new(&[3u32, 1], Cpu)?;
    loss::cross_entropy(logits, &labels)
}

fn main() {}
