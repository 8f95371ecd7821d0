use model_runtime::prelude::*;

fn shuffled(x: &Tensor<Cuda<0>>, order: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    x.index_select(order, 0)
}

fn main() {}
