use model_runtime::prelude::*;

#[derive(Module)]
enum Norm<D: Device> {
    #[module(rename = "layer")]
    Layer(LayerNorm<D>),
    None,
}

fn main() {}
