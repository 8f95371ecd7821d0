use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "malformed_line.manifest")]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
