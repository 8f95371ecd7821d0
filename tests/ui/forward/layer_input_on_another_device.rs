use model_runtime::prelude::*;

fn main() -> Result<()> {
    let layer = Linear::new(4, 2).init(Cuda::<0>)?;
    let x = Tensor::zeros((1, 4), DType::F32, Cpu)?;
    layer.forward(&x)?;
    Ok(())
}
