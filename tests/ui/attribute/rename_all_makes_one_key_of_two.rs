use model_runtime::prelude::*;

#[derive(Module)]
#[module(rename_all = "camelCase")]
struct Net<D: Device> {
    fc_1: Linear<D>,
    fc1: Linear<D>,
}

fn main() {}
