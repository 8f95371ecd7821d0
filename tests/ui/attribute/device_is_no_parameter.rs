use model_runtime::prelude::*;

#[derive(Module)]
#[module(device = E)]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
