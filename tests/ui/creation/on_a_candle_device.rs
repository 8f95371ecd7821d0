use model_runtime::prelude::*;

fn main() -> Result<()> {
    let device = candle_core::Device::Cpu;
    let _x = Tensor::zeros((1, 4), DType::F32, &device)?;
    Ok(())
}
