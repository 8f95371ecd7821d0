use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D>
where
    D: Device + Compute,
{
    fc: Linear<D>,
}

fn main() {}
