use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    fc: Linear<D>,
    #[module(rename = "fc")]
    head: Linear<D>,
}

fn main() {}
