//! Two fields that are tied to each other: neither owns the tensor.

use model_runtime::prelude::*;

#[derive(Module)]
struct Gpt<D: Device> {
    #[module(tied = "lm_head")]
    wte: Embedding<D>,
    #[module(tied = "wte")]
    lm_head: Linear<D>,
}

fn main() {}
