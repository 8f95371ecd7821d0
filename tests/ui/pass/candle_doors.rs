//! Tensors of candle come in checked and go out by name.

use model_runtime::prelude::*;

pub fn main() -> Result<()> {
    let candle = candle_core::Tensor::ones((1, 4), DType::F32, &candle_core::Device::Cpu)?;
    let x = Tensor::<Cpu>::try_from_candle(candle)?;
    let y = x.map_candle(|x| candle_nn::ops::softmax(x, 1))?;
    assert_eq!(y.as_candle().dims(), [1, 4]);
    let z: Tensor<Cpu> = y.into_candle().try_into()?;
    assert_eq!(z.dims(), [1, 4]);
    Ok(())
}
