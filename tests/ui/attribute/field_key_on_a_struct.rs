use model_runtime::prelude::*;

#[derive(Module)]
#[module(rename = "net")]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
