//! A function pointer is configuration, which is said.

use model_runtime::prelude::*;

#[derive(Module)]
struct Mlp<D: Device> {
    fc: Linear<D>,
    schedule: fn(usize) -> f64,
}

fn main() {}
