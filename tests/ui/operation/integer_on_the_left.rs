use model_runtime::prelude::*;

fn run(x: &Tensor<Cpu>) -> Result<Tensor<Cpu>> {
    1 - x
}

fn main() {}
