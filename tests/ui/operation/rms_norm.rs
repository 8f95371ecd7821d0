use model_runtime::prelude::*;

fn normalised(x: &Tensor<Cuda<0>>, weight: &Param<Cuda<1>>) -> Result<Tensor<Cuda<0>>> {
    x.rms_norm(weight, 1e-6)
}

fn main() {}
