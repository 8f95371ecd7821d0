use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(renam = "fc")]
    fc1: Linear<D>,
}

fn main() {}
