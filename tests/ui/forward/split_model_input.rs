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

fn translate(net: &Translator<Cuda<0>, Cuda<1>>, x: &Tensor<Cuda<1>>) -> Result<Tensor<Cuda<1>>> {
    net.forward(x)
}

fn main() {}
