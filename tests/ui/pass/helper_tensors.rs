//! Masks and positions that `forward` makes: on `x.device()`, or like another tensor.

use model_runtime::prelude::*;

#[derive(Module)]
struct Gpt<D: Device> {
    wpe: Embedding<D>,
}

impl<D: Compute> Forward<&Tensor<D>> for Gpt<D> {
    type Output = Tensor<D>;
    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let (rows, _) = x.dims2()?;
        let positions = Tensor::arange(0u32, rows as u32, x.device())?;
        let x = (x + self.wpe.forward(&positions)?)?;
        let mask = Tensor::tril2(rows, x.dtype(), D::default())?;
        mask.matmul(&(&x + x.ones_like()?)?)
    }
}

pub fn main() -> Result<()> {
    let gpt = Gpt { wpe: Embedding::new(8, 4) }.init(Auto)?;
    assert_eq!(gpt.forward(&Tensor::zeros((3, 4), DType::F32, Auto)?)?.dims(), [3, 4]);
    Ok(())
}
