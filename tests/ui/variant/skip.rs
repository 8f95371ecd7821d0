use model_runtime::prelude::*;

#[derive(Module)]
enum Norm<D: Device> {
    Layer(LayerNorm<D>),
    #[module(skip)]
    None,
}

fn main() {}
