use model_runtime::prelude::*;

struct Head<D: Device> {
    fc: Linear<D>,
}

#[derive(Module)]
struct Net<D: Device> {
    head: Head<D>,
}

fn main() {}
