use model_runtime::prelude::*;

fn fused<O: model_runtime::candle_core::InplaceOp2>(x: &Tensor<Cuda<0>>, scale: &Tensor<Cpu>, op: &O) -> Result<()> {
    x.inplace_op2(scale, op)
}

fn main() {}
