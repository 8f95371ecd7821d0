//! A device is no field: the type has it.

use model_runtime::prelude::*;

#[derive(Module)]
struct Mlp<D: Device> {
    fc: Linear<D>,
    device: D,
}

fn main() {}
