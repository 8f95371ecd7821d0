//! A model moves once its optimizer is gone, and the next optimizer is made after the move.

use model_runtime::prelude::*;

use candle_nn::{Optimizer, SGD};

pub fn main() -> Result<()> {
    let net = Linear::new(4, 1).init(Cpu)?;
    {
        let x = Tensor::ones((1, 4), DType::F32, Cpu)?;
        let mut optimizer = SGD::new(net.parameters()?.to_vec(), 0.1)?;
        optimizer.backward_step(net.forward(&x)?.sum_all()?.as_candle())?;
    }
    let net = net.to(Auto)?;
    assert_eq!(net.parameters()?.len(), 2);
    Ok(())
}
