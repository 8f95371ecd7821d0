//! `to` takes the model: bind the result, or clone what shall stay.

use model_runtime::prelude::*;

pub fn main() -> Result<()> {
    let net = Linear::new(4, 2).init(Cpu)?;
    let copy = net.clone().to(Auto)?;
    let net = net.to(Auto)?;
    let x = Tensor::ones((1, 4), DType::F32, Auto)?;
    assert_eq!(net.forward(&x)?.to_vec2::<f32>()?, copy.forward(&x)?.to_vec2::<f32>()?);
    Ok(())
}
