use model_runtime::prelude::*;

fn shifted(x: &Tensor<Cpu>) -> Result<Tensor<Cpu>> {
    x.broadcast_add(&1.0)
}

fn main() {}
