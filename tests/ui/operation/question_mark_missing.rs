use model_runtime::prelude::*;

fn shifted(x: &Tensor<Cpu>, y: &Tensor<Cpu>) -> Result<Tensor<Cpu>> {
    x.add(&y.neg())
}

fn main() {}
