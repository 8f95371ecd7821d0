use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(flatten, alias = "backbone")]
    fc: Linear<D>,
}

fn main() {}
