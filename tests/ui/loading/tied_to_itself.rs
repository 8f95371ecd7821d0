use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(tied = "head.weight")]
    head: Linear<D>,
}

fn main() {}
