use model_runtime::prelude::*;
use model_runtime::tensor::attention::{AttnMask, flash_attn};

fn attended(q: &Tensor<Cpu>, mask: Tensor<Cuda<0>>) -> Result<Tensor<Cpu>> {
    flash_attn(q, q, q, 0.125, AttnMask::Mask(mask), None, None)
}

fn main() {}
