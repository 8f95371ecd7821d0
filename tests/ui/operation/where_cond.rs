use model_runtime::prelude::*;

fn masked(mask: &Tensor<Cuda<0>>, scores: &Tensor<Cuda<0>>) -> Result<Tensor<Cuda<0>>> {
    let blank = Tensor::zeros((4, 4), DType::F32, Cpu)?;
    mask.where_cond(scores, &blank)
}

fn main() {}
