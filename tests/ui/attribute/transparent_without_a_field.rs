use model_runtime::prelude::*;

#[derive(Module)]
#[module(transparent)]
struct Net {
    #[module(skip)]
    heads: usize,
}

fn main() {}
