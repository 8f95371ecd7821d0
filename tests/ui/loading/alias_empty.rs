use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(alias = "")]
    fc: Linear<D>,
}

fn main() {}
