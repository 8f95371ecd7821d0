//! Moves in closures, iterators and loops.

use model_runtime::prelude::*;

pub fn main() -> Result<()> {
    let net = Linear::new(4, 2).init(Auto)?;
    let batches = vec![Tensor::zeros((1, 4), DType::F32, Cpu)?, Tensor::ones((2, 4), DType::F32, Cpu)?];
    let predict = |x: &Tensor<Cpu>| net.forward(&x.to(Auto)?)?.to(Cpu);
    let outputs: Vec<Tensor<Cpu>> = batches.iter().map(predict).collect::<Result<_>>()?;
    let mut rows = 0;
    for (x, y) in batches.iter().zip(&outputs) {
        assert_eq!(x.dims()[0], y.dims()[0]);
        rows += y.dims()[0];
    }
    assert_eq!(rows, 3);
    Ok(())
}
