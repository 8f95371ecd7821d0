//! Tensors that belong together: a struct with a device of its own, and one `to` for all.

use model_runtime::prelude::*;

struct Batch<D: Device> {
    images: Tensor<D>,
    labels: Tensor<D>,
}

impl<D: Compute> Batch<D> {
    fn to<E: Compute>(&self, device: E) -> Result<Batch<E>> {
        Ok(Batch { images: self.images.to(device)?, labels: self.labels.to(device)? })
    }
}

pub fn main() -> Result<()> {
    let net = Linear::new(4, 2).init(Auto)?;
    let batch = Batch { images: Tensor::zeros((3, 4), DType::F32, Cpu)?, labels: Tensor::new(&[0u32, 1, 0], Cpu)? };
    let batch = batch.to(Auto)?;
    let loss = loss::cross_entropy(&net.forward(&batch.images)?, &batch.labels)?;
    assert!(loss.to_scalar::<f32>()? > 0.0);
    Ok(())
}
