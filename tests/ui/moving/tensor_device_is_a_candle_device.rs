use model_runtime::prelude::*;

fn place(x: &Tensor<Cpu>, device: &candle_core::Device) -> Result<()> {
    let _x = x.to(device)?;
    Ok(())
}

fn main() {}
