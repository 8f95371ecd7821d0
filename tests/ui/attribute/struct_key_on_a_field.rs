use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(device = D)]
    fc: Linear<D>,
}

fn main() {}
