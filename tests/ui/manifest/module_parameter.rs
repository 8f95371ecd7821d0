use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "residual.manifest")]
struct Residual<M: Module> {
    inner: M,
}

fn main() {}
