use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device, T> {
    fc: Linear<D>,
    extra: T,
}

fn main() {}
