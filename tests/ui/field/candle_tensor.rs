use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    fc: Linear<D>,
    mask: candle_core::Tensor,
}

fn main() {}
