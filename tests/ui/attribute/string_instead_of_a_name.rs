//! An attribute in quotation marks.

use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module("frozen")]
    fc: Linear<D>,
}

fn main() {}
