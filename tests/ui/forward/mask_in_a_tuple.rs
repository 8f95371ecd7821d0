use model_runtime::prelude::*;

#[derive(Module)]
struct Attention<D: Device> {
    proj: Linear<D>,
}

impl<D: Compute> Forward<(&Tensor<D>, &Tensor<D>)> for Attention<D> {
    type Output = Tensor<D>;
    fn forward(&self, (x, mask): (&Tensor<D>, &Tensor<D>)) -> Result<Tensor<D>> {
        self.proj.forward(x)?.broadcast_mul(mask)
    }
}

fn attend(attention: &Attention<Cuda<0>>, x: &Tensor<Cuda<0>>) -> Result<Tensor<Cuda<0>>> {
    let mask = Tensor::ones((4, 4), DType::F32, Cpu)?;
    attention.forward((x, &mask))
}

fn main() {}
