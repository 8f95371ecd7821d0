use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "wrong_name_in_a_vec.manifest")]
struct Net<D: Device> {
    layers: Vec<LayerNorm<D>>,
}

fn main() {}
