use model_runtime::prelude::*;

#[derive(Module)]
#[module(flatten)]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
