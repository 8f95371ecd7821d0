//! Several inputs, one of them optional, all on the device of the model.

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

pub fn main() -> Result<()> {
    let attention = Attention { proj: Linear::new(4, 4) }.init(Auto)?;
    let x = Tensor::ones((4, 4), DType::F32, Auto)?;
    let mask = Tensor::zeros((4, 4), DType::F32, Cpu)?.to(Auto)?;
    assert_eq!(attention.forward((&x, None))?.dims(), [4, 4]);
    assert_eq!(attention.forward((&x, Some(&mask)))?.sum_all()?.to_scalar::<f32>()?, 0.0);
    Ok(())
}
