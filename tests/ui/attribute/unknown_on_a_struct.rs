use model_runtime::prelude::*;

#[derive(Module)]
#[module(devices = D)]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
