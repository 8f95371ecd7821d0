use model_runtime::prelude::*;

#[derive(Module)]
#[module(rename_all = "PascalCase")]
struct Net<D: Device> {
    __: Linear<D>,
}

fn main() {}
