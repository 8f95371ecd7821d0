use model_runtime::prelude::*;

fn embedded(table: &Tensor<Cuda<0>>, ids: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    table.embedding(ids)
}

fn main() {}
