use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(alias = "head")]
    fc: Linear<D>,
    head: Linear<D>,
}

fn main() {}
