use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(rename = fc)]
    fc1: Linear<D>,
}

fn main() {}
