use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    layers: Vec<Box<dyn Module>>,
    head: Linear<D>,
}

fn main() {}
