use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    wte: Embedding<D>,
    #[module(tied = "encoder.embedding")]
    head: Linear<D>,
}

fn main() {}
