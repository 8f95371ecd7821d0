use model_runtime::prelude::*;

#[derive(Module)]
#[module(device = "D")]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
