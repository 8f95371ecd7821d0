use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    embedding: Embedding<D>,
    #[module(tied = "embeding.weight")]
    head: Linear<D>,
}

fn main() {}
