//! Every field that the compiler refuses is reported once, at its type.

use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    mask: Tensor<D>,
    table: candle_core::Tensor,
    fc: Linear<Cpu>,
    #[module(persistent = false)]
    scale: Param<D>,
}

fn main() {}
