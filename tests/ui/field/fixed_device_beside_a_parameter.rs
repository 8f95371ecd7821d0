use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    encoder: Linear<Cpu>,
    decoder: Linear<D>,
}

fn main() {}
