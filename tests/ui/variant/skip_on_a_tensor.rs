use model_runtime::prelude::*;

#[derive(Module)]
enum Mask<D: Device> {
    Causal(#[module(skip)] Tensor<D>),
    None,
}

fn main() {}
