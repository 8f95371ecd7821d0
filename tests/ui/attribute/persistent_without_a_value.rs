use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(persistent)]
    mask: Buffer<D>,
}

fn main() {}
