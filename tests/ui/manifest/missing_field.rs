use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "missing_field.manifest")]
struct Net<D: Device> {
    fc1: Linear<D>,
    scale: Param<D>,
}

fn main() {}
