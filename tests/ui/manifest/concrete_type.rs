use model_runtime::prelude::*;

#[derive(Module)]
struct Residual<M: Module> {
    module: M,
}

model_runtime::check_manifest!(Residual<Linear<Meta>>, "concrete_type.manifest");

fn main() {}
