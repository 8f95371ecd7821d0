use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "../../fixtures/architectures/bert.pt")]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
