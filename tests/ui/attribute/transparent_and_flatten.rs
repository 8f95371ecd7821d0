use model_runtime::prelude::*;

#[derive(Module)]
#[module(transparent)]
struct Net<D: Device> {
    #[module(flatten)]
    fc: Linear<D>,
}

fn main() {}
