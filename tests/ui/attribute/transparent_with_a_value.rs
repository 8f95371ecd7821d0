use model_runtime::prelude::*;

#[derive(Module)]
#[module(transparent = true)]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
