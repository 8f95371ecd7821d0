use model_runtime::prelude::*;

#[derive(Module)]
enum Norm<D: Device> {
    Layer(LayerNorm<D>),
    Scale { scale: Param<D>, shift: Param<D> },
}

#[derive(Module)]
#[module(manifest = "no_variant_fits.manifest")]
struct Net<D: Device> {
    norm: Norm<D>,
}

fn main() {}
