use model_runtime::prelude::*;

#[derive(Module)]
struct Gpt<D: Device> {
    wpe: Embedding<D>,
}

impl<D: Compute> Forward<&Tensor<D>> for Gpt<D> {
    type Output = Tensor<D>;
    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let positions = Tensor::arange(0u32, x.dims()[1] as u32, Cpu)?;
        x.broadcast_add(&self.wpe.forward(&positions)?)
    }
}

fn main() {}
