use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "prefix_of_data_parallel.manifest")]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
