use model_runtime::prelude::*;

fn attended(q: &Tensor<Cuda<0>>, k: &Tensor<Cuda<1>>, v: &Tensor<Cuda<0>>) -> Result<Tensor<Cuda<0>>> {
    q.sdpa(k, v, None, true, 0.125, 1.0)
}

fn main() {}
