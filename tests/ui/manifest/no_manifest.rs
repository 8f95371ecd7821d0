use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "no_manifest.manifest")]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
