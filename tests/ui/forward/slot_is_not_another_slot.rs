use model_runtime::prelude::*;

device_slot!(Encoder);
device_slot!(Decoder);

fn translate(encoder: &Linear<Encoder>, decoder: &Linear<Decoder>, x: &Tensor<Encoder>) -> Result<Tensor<Decoder>> {
    let hidden = encoder.forward(x)?;
    decoder.forward(&hidden)
}

fn main() {}
