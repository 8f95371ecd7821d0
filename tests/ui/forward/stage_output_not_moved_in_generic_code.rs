use model_runtime::prelude::*;

#[derive(Module)]
struct Translator<A: Device, B: Device> {
    encoder: Linear<A>,
    decoder: Linear<B>,
}

impl<A: Compute, B: Compute> Forward<&Tensor<A>> for Translator<A, B> {
    type Output = Tensor<B>;
    fn forward(&self, x: &Tensor<A>) -> Result<Tensor<B>> {
        let hidden = self.encoder.forward(x)?;
        self.decoder.forward(&hidden)
    }
}

fn main() {}
