use model_runtime::prelude::*;

fn main() -> Result<()> {
    let x = Tensor::zeros((1, 4), DType::F32, Cpu)?;
    let _ = x.to(Meta)?;
    Ok(())
}
