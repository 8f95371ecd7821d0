use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "no_such_file.manifest")]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
