use model_runtime::prelude::*;

fn run(x: &Tensor<Cpu>) -> Result<Tensor<Cpu>> {
    x * 0.5f32
}

fn main() {}
