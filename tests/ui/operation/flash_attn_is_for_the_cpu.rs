use model_runtime::prelude::*;
use model_runtime::tensor::attention::{AttnMask, flash_attn};

fn attended(q: &Tensor<Cuda<0>>, k: &Tensor<Cpu>, v: &Tensor<Cpu>) -> Result<Tensor<Cpu>> {
    flash_attn(q, k, v, 0.125, AttnMask::causal(), None, None)
}

fn main() {}
