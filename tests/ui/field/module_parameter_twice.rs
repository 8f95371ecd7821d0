use model_runtime::prelude::*;

#[derive(Module)]
struct Net<M: Module> {
    both: (M, M),
}

fn main() {}
