use model_runtime::prelude::*;

fn main() -> Result<()> {
    let layer = Linear::new(4, 2).init(Cpu)?;
    let x = candle_core::Tensor::zeros((1, 4), DType::F32, &candle_core::Device::Cpu)?;
    layer.forward(&x)?;
    Ok(())
}
