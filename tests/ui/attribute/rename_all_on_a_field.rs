use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(rename_all = "camelCase")]
    in_proj: Linear<D>,
}

fn main() {}
