use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(with = model_runtime::with::transpose)]
    fc: Linear<D>,
}

fn main() {}
