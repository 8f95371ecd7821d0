use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "renamed_key.manifest")]
struct Net<D: Device> {
    fc1: Linear<D>,
    layers: Vec<Linear<D>>,
    head: Option<Linear<D>>,
    heads: usize,
}

fn main() {}
