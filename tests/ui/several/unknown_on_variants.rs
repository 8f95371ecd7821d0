use model_runtime::prelude::*;

#[derive(Module)]
enum Norm<D: Device> {
    #[module(first)]
    None,
    Layer(LayerNorm<D>),
    #[module(other)]
    Other,
}

fn main() {}
