use model_runtime::prelude::*;

fn masked(scores: &Tensor<Cpu>, mask: &model_runtime::candle_core::Tensor) -> Result<Tensor<Cpu>> {
    scores.broadcast_add(mask)
}

fn main() {}
