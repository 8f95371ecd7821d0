use model_runtime::prelude::*;

fn predict(net: &Linear<Cpu>, x: Tensor<Cpu>) -> Result<Tensor<Cpu>> {
    net.forward(x)
}

fn main() {}
