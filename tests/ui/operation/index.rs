use model_runtime::prelude::*;

fn picked(x: &Tensor<Cuda<0>>, ids: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    x.i(ids)
}

fn main() {}
