use model_runtime::prelude::*;

fn scaled(x: &Tensor<Cpu>, scale: &Param<Cuda<0>>) -> Result<Tensor<Cpu>> {
    x.broadcast_mul(scale)
}

fn main() {}
