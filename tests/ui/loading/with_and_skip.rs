use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    fc: Linear<D>,
    #[module(skip, with = model_runtime::with::transposed)]
    heads: usize,
}

fn main() {}
