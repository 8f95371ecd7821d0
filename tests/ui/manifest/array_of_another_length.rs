use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "array_of_another_length.manifest")]
struct Net<D: Device> {
    layers: [LayerNorm<D>; 2],
}

fn main() {}
