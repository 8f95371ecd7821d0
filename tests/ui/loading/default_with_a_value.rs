use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(default = 0)]
    scale: Param<D>,
}

fn main() {}
