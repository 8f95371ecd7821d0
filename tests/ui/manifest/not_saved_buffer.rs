use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "not_saved_buffer.manifest")]
struct Net<D: Device> {
    fc: Linear<D>,
    #[module(persistent = false)]
    mask: Buffer<D>,
}

fn main() {}
