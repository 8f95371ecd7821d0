//! A mistake in an attribute hides no mistake in the type of another field, and brings none of its own.

use model_runtime::prelude::*;

struct Words;

#[derive(Module)]
struct Net<D: Device> {
    #[module(renamed = "fc1")]
    fc: Linear<D>,
    mask: Option<Tensor<D>>,
    cpu: Linear<Cpu>,
    #[module(persistent = false)]
    scale: Param<D>,
    #[module(skipp)]
    words: Words,
    next: Vec<Self>,
}

fn main() {}
