use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(persistent = false, default)]
    mask: Buffer<D>,
}

fn main() {}
