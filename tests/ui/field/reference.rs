//! A reference cannot move with the model.

use model_runtime::prelude::*;

#[derive(Module)]
struct Probe<'a, D: Device> {
    backbone: &'a Linear<D>,
    head: Linear<D>,
    name: &'a str,
}

fn main() {}
