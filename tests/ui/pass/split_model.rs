//! A model over two devices, with the move between its parts in `forward`.

use model_runtime::prelude::*;

#[derive(Module)]
struct Translator<A: Device, B: Device> {
    encoder: Linear<A>,
    decoder: Linear<B>,
}

impl<A: Compute, B: Compute> Forward<&Tensor<A>> for Translator<A, B> {
    type Output = Tensor<B>;
    fn forward(&self, x: &Tensor<A>) -> Result<Tensor<B>> {
        self.decoder.forward(&self.encoder.forward(x)?.to(B::default())?)
    }
}

pub fn main() -> Result<()> {
    let declared = Translator { encoder: Linear::new(4, 3), decoder: Linear::new(3, 2) };
    let split: Translator<Cpu, Auto> = declared.init((Cpu, Auto))?;
    let y: Tensor<Auto> = split.forward(&Tensor::zeros((1, 4), DType::F32, Cpu)?)?;
    assert_eq!(y.dims(), [1, 2]);
    let _: Translator<Cpu, Cpu> = split.to(Cpu)?;
    Ok(())
}
