use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = net.manifest)]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() {}
