use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    wte: Embedding<D>,
    #[module(tied = "wte", with = model_runtime::with::transposed)]
    head: Linear<D>,
}

fn main() {}
