#![deny(unused_must_use)]

use model_runtime::prelude::*;

fn main() -> Result<()> {
    let x = Tensor::zeros((1, 4), DType::F32, Cpu)?;
    x.to(Cuda::<0>)?;
    Ok(())
}
