use model_runtime::prelude::*;

trait Fast {}

#[derive(Module)]
struct Net<D: Device + Fast> {
    fc: Linear<D>,
}

fn main() {}
