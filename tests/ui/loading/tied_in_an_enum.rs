use model_runtime::prelude::*;

#[derive(Module)]
enum Net<D: Device> {
    Tied {
        wte: Embedding<D>,
        #[module(tied = "wte")]
        head: Linear<D>,
    },
}

fn main() {}
