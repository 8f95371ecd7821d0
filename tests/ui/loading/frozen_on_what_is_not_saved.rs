use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(persistent = false, frozen)]
    mask: Buffer<D>,
}

fn main() {}
