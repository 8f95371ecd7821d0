use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(alias = "lin")]
    fc: Linear<D>,
    #[module(alias = "lin")]
    head: Linear<D>,
}

fn main() {}
