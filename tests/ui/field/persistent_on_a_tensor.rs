use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(persistent = false)]
    mask: Tensor<D>,
}

fn main() {}
