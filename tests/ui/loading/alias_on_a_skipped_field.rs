use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    fc: Linear<D>,
    #[module(skip, alias = "n_heads")]
    heads: usize,
}

fn main() {}
