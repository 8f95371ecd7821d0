use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "recursive_type.manifest")]
struct Net<D: Device> {
    fc: Linear<D>,
    next: Option<Box<Self>>,
}

fn main() {}
