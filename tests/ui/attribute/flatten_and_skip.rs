use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    fc: Linear<D>,
    #[module(flatten, skip)]
    config: usize,
}

fn main() {}
