use model_runtime::prelude::*;

fn run(x: &Tensor<Cpu>) -> Result<Tensor<Cpu>> {
    x + 1
}

fn main() {}
