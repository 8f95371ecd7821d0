//! A teacher and a student on two devices: what goes between them is moved.

use model_runtime::prelude::*;

pub fn main() -> Result<()> {
    let teacher = Linear::new(4, 2).init(Cpu)?;
    let student = Linear::new(4, 2).init(Auto)?;
    let x = Tensor::ones((1, 4), DType::F32, Auto)?;
    let target = teacher.forward(&x.to(Cpu)?)?.to(Auto)?.detach();
    let loss = loss::mse(&student.forward(&x)?, &target)?;
    assert!(loss.to_scalar::<f32>()? >= 0.0);
    Ok(())
}
