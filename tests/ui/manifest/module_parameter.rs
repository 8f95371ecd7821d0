use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "module_parameter.manifest")]
struct Residual<M: Module> {
    inner: M,
}

fn main() {}
