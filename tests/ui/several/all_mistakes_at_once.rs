//! Every mistake that the macro finds is reported in one compile.

use model_runtime::prelude::*;

#[derive(Module)]
#[module(device = E, color = "red")]
struct Net<D: Compute, T> {
    #[module(skip)]
    fc1: Linear<D>,
    #[module(rename = "fc1.weight")]
    fc2: Linear<D>,
    #[module(persistant = false)]
    mask: Buffer<D>,
    extra: T,
}

fn main() {}
