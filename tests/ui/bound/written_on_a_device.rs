use model_runtime::prelude::*;

#[derive(Module)]
#[module(bound = "D: Compute")]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
