//! The path of `crate` leads to another crate.

use model_runtime::prelude::*;

#[derive(Module)]
#[module(crate = std)]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
