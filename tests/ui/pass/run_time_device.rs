//! A device that is a value becomes a type by `on_device!`, without a warning for the devices that the build lacks.

#![deny(warnings, clippy::all)]

use model_runtime::prelude::*;

fn sum<D: Compute>(device: D) -> Result<f32> {
    Linear::new(4, 2)
        .bias(false)
        .init(device)?
        .forward(&Tensor::zeros((1, 4), DType::F32, device)?)?
        .sum_all()?
        .to_scalar()
}

pub fn main() -> Result<()> {
    let device: AnyDevice = "cpu".parse()?;
    assert_eq!(on_device!(device, |D| sum(D::default()))?, 0.0);
    Ok(())
}
