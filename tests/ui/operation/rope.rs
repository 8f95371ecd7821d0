use model_runtime::prelude::*;

fn rotated(q: &Tensor<Cuda<0>>, cos: &Tensor<Cuda<0>>, sin: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    q.rope(cos, sin)
}

fn main() {}
