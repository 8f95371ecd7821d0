use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(flatten = "base")]
    base: Linear<D>,
}

fn main() {}
