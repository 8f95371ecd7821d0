use model_runtime::prelude::*;

#[derive(Module)]
#[module(bound = "T")]
struct Net<D: Device, T> {
    fc: Linear<D>,
    #[module(skip)]
    words: Vec<T>,
}

fn main() {}
