use model_runtime::prelude::*;

#[derive(Module)]
#[module(transparent)]
enum Norm<D: Device> {
    Layer(LayerNorm<D>),
}

fn main() {}
