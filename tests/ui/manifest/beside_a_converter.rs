use model_runtime::prelude::*;
use model_runtime::with;

#[derive(Module)]
#[module(manifest = "beside_a_converter.manifest")]
struct Mlp<D: Device> {
    #[module(with = with::transposed)]
    c_fc: Linear<D>,
    c_projection: Linear<D>,
}

fn main() {}
