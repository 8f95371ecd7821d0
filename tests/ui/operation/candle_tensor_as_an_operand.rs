use model_runtime::prelude::*;

fn shift(x: &Tensor<Cpu>, offset: &candle_core::Tensor) -> Result<Tensor<Cpu>> {
    x.broadcast_add(offset)
}

fn main() {}
