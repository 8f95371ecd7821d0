use model_runtime::prelude::*;

fn run(net: &Sequential<(Linear<Cuda<0>>, Linear<Cuda<1>>)>, x: &Tensor<Cuda<0>>) -> Result<Tensor<Cuda<1>>> {
    net.forward(x)
}

fn main() {}
