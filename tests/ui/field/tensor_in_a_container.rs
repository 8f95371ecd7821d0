use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    masks: Vec<Option<Tensor<D>>>,
}

fn main() {}
