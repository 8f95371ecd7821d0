use model_runtime::prelude::*;

#[derive(Module)]
#[module(transparent, rename_all = "camelCase")]
struct Net<D: Device> {
    in_proj: Linear<D>,
}

fn main() {}
