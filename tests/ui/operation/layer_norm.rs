use model_runtime::prelude::*;

fn normalised(x: &Tensor<Cuda<0>>, weight: &Param<Cuda<0>>, bias: &Param<Cpu>) -> Result<Tensor<Cuda<0>>> {
    x.layer_norm(weight, bias, 1e-5)
}

fn main() {}
