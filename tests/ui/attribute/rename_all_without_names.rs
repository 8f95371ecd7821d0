use model_runtime::prelude::*;

#[derive(Module)]
#[module(rename_all = "camelCase")]
struct Net<D: Device>(Linear<D>, Linear<D>);

fn main() {}
