use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(persistent = false)]
    scale: Param<D>,
}

fn main() {}
