use model_runtime::prelude::*;

fn scores(query: &Tensor<Cuda<0>>, key: &Tensor<Cuda<1>>) -> Result<Tensor<Cuda<0>>> {
    query.matmul(key)
}

fn main() {}
