use model_runtime::prelude::*;

#[derive(Module)]
struct Net {
    fc: Linear<Cpu>,
}

fn main() {}
