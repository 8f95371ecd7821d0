use model_runtime::prelude::*;

struct Batch<D: Device> {
    images: Tensor<D>,
    labels: Tensor<D>,
}

fn step(net: &Linear<Cuda<0>>, batch: &Batch<Cpu>) -> Result<Tensor<Cuda<0>>> {
    let labels = batch.labels.to(Cuda::<0>)?;
    loss::cross_entropy(&net.forward(&batch.images)?, &labels)
}

fn main() {}
