use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(rename = "encoder.fc")]
    fc1: Linear<D>,
}

fn main() {}
