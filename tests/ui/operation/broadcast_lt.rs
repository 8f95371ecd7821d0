use model_runtime::prelude::*;

fn causal(queries: &Tensor<Cuda<0>>, keys: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    queries.broadcast_lt(keys)
}

fn main() {}
