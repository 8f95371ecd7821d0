use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(with = "transposed")]
    fc: Linear<D>,
}

fn main() {}
