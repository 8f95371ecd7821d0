use model_runtime::prelude::*;

#[derive(Module)]
struct Net<M: Module, D: Device, N: Module> {
    stages: (N, M),
    fc: Linear<D>,
}

fn main() {}
