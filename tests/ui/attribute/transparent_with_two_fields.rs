use model_runtime::prelude::*;

#[derive(Module)]
#[module(transparent)]
struct Net<D: Device> {
    fc: Linear<D>,
    heads: usize,
}

fn main() {}
