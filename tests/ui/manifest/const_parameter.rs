use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "const_parameter.manifest")]
struct Net<D: Device, const N: usize> {
    layers: [Linear<D>; N],
}

fn main() {}
