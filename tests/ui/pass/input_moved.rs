//! The input is moved, and `to` leaves the old one where it was.

use model_runtime::prelude::*;

pub fn main() -> Result<()> {
    let net = Linear::new(4, 2).init(Auto)?;
    let x = Tensor::zeros((1, 4), DType::F32, Cpu)?;
    let y: Tensor<Auto> = net.forward(&x.to(Auto)?)?;
    let y: Tensor<Cpu> = y.to(Cpu)?;
    assert_eq!((x.dims(), y.dims()), (&[1, 4][..], &[1, 2][..]));
    Ok(())
}
