use model_runtime::prelude::*;

fn main() -> Result<()> {
    let _x = Tensor::zeros((1, 4), DType::F32, Meta)?;
    Ok(())
}
