use model_runtime::prelude::*;

fn fused<O: model_runtime::candle_core::CustomOp2>(
    x: &Tensor<Cuda<0>>,
    scale: &Tensor<Cpu>,
    op: &O,
) -> Result<Tensor<Cuda<0>>> {
    x.apply_op2_no_bwd(scale, op)
}

fn main() {}
