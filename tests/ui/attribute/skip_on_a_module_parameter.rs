use model_runtime::prelude::*;

#[derive(Module)]
struct Net<M: Module> {
    #[module(skip)]
    inner: Option<M>,
}

fn main() {}
