use model_runtime::prelude::*;

fn run(x: &Tensor<Cpu>, scale: f32) -> Result<Tensor<Cpu>> {
    scale * x
}

fn main() {}
