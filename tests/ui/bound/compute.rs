use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Compute> {
    fc: Linear<D>,
}

fn main() {}
