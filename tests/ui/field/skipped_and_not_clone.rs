use model_runtime::prelude::*;

struct Log;

#[derive(Module)]
struct Net<D: Device> {
    fc: Linear<D>,
    #[module(skip)]
    log: Log,
}

fn main() {}
