use model_runtime::prelude::*;

fn drop_data<D: Device>(x: &Tensor<D>) -> Result<Tensor<Cpu>> {
    x.to(Cpu)
}

fn main() {}
