use model_runtime::prelude::*;

#[derive(Module)]
#[module(crate = "model_runtime")]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
