use model_runtime::prelude::*;

#[derive(Module)]
struct Attention<D: Device> {
    proj: Linear<D>,
}

impl<D: Compute> Forward<(&Tensor<D>, Option<&Tensor<D>>)> for Attention<D> {
    type Output = Tensor<D>;
    fn forward(&self, (x, mask): (&Tensor<D>, Option<&Tensor<D>>)) -> Result<Tensor<D>> {
        let x = self.proj.forward(x)?;
        mask.map_or(Ok(x.clone()), |mask| x.broadcast_mul(mask))
    }
}

fn attend(attention: &Attention<Cuda<0>>, x: &Tensor<Cuda<0>>, mask: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    attention.forward((x, Some(mask)))
}

fn main() {}
