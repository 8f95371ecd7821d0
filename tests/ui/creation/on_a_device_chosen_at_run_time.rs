use model_runtime::prelude::*;

fn main() -> Result<()> {
    let device: AnyDevice = "cuda:1".parse()?;
    let _x = Tensor::ones((1, 4), DType::F32, device)?;
    Ok(())
}
