use model_runtime::prelude::*;

fn translate(encoder: &Linear<Cuda<0>>, decoder: &Linear<Cuda<1>>, x: &Tensor<Cuda<0>>) -> Result<Tensor<Cuda<1>>> {
    let hidden = encoder.forward(x)?;
    decoder.forward(&hidden)
}

fn main() {}
