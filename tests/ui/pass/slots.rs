//! Two slots on one device are two types, and a move between them copies nothing.

use model_runtime::prelude::*;

device_slot!(Encoder);
device_slot!(
    /// Where the decoder runs.
    pub(crate) Decoder
);

pub fn main() -> Result<()> {
    Encoder::select("cpu")?;
    Decoder::select(AnyDevice::Cpu)?;
    let encoder = Linear::new(4, 3).init(Encoder)?;
    let decoder = Linear::new(3, 2).init(Decoder)?;
    let hidden = encoder.forward(&Tensor::zeros((1, 4), DType::F32, Encoder)?)?;
    assert_eq!(decoder.forward(&hidden.to(Decoder)?)?.dims(), [1, 2]);
    Ok(())
}
