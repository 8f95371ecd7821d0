//! Two attributes without a comma between them.

use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(rename = "fc1" frozen)]
    fc: Linear<D>,
}

fn main() {}
