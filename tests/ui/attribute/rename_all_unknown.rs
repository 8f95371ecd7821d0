use model_runtime::prelude::*;

#[derive(Module)]
#[module(rename_all = "camel_case")]
struct Net<D: Device> {
    in_proj: Linear<D>,
}

fn main() {}
