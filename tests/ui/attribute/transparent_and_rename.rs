use model_runtime::prelude::*;

#[derive(Module)]
#[module(transparent)]
struct Net<D: Device> {
    #[module(rename = "linear")]
    fc: Linear<D>,
}

fn main() {}
