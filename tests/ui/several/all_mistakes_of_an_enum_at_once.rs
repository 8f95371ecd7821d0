//! Every mistake of an enum is reported in one compile.

use model_runtime::prelude::*;

#[derive(Module)]
#[module(transparent, rename_all = "camel")]
enum Norm<D: Compute, T> {
    #[module(rename = "layer")]
    Layer(#[module(flatten, rename = "norm")] LayerNorm<D>),
    Scaled {
        #[module(skip)]
        scale: Param<D>,
        extra: T,
    },
}

fn main() {}
