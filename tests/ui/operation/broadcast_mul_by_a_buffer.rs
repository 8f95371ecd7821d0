use model_runtime::prelude::*;

fn scaled(x: &Tensor<Cpu>, inv_freq: &Buffer<Cuda<0>>) -> Result<Tensor<Cpu>> {
    x.broadcast_mul(inv_freq)
}

fn main() {}
