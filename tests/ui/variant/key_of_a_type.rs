use model_runtime::prelude::*;

#[derive(Module)]
enum Norm<D: Device> {
    #[module(rename_all = "camelCase")]
    Layer { layer_norm: LayerNorm<D> },
    None,
}

fn main() {}
