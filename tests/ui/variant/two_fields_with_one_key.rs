use model_runtime::prelude::*;

#[derive(Module)]
enum Norm<D: Device> {
    Scaled {
        weight: Param<D>,
        #[module(rename = "weight")]
        scale: Param<D>,
    },
    Layer {
        weight: LayerNorm<D>,
    },
}

fn main() {}
