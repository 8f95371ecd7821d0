use model_runtime::prelude::*;

#[derive(Module)]
struct Residual<M: Module + Clone> {
    inner: M,
}

fn main() {}
