use model_runtime::prelude::*;

#[derive(Module)]
enum Mask<D: Device> {
    Causal(Tensor<D>),
    None,
}

fn main() {}
