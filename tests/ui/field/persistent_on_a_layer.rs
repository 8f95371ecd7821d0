use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(persistent = false)]
    fc: Linear<D>,
}

fn main() {}
