use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(alias = "lin", alias = "linear")]
    fc: Linear<D>,
    #[module(rename = "out", alias = "head")]
    head: Vec<Option<Linear<D>>>,
}

pub fn main() {}
