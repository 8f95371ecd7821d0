use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    fc: Linear<D>,
    #[module(skip, frozen)]
    heads: usize,
}

fn main() {}
