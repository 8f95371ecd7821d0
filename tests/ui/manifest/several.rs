use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "several.manifest")]
struct Net<D: Device> {
    conv1: Conv2d<D>,
    bn1: BatchNorm2d<D>,
    fc: Linear<D>,
    mask: Param<D>,
}

fn main() {}
