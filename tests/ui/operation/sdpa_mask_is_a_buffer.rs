use model_runtime::prelude::*;

fn attend<D: Compute>(q: &Tensor<D>, mask: &Buffer<D>) -> Result<Tensor<D>> {
    q.sdpa(q, q, Some(mask), false, 0.125, 1.0)
}

fn main() {}
