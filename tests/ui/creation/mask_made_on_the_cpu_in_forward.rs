use model_runtime::prelude::*;

#[derive(Module)]
struct Attention<D: Device> {
    proj: Linear<D>,
}

impl<D: Compute> Forward<&Tensor<D>> for Attention<D> {
    type Output = Tensor<D>;
    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let mask = Tensor::tril2(4, DType::F32, Cpu)?;
        self.proj.forward(x)?.broadcast_mul(&mask)
    }
}

fn main() {}
