use model_runtime::prelude::*;

fn main() -> Result<()> {
    let lstm = LSTM::new(3, 4).init(Auto)?;
    let x = Tensor::zeros((5, 2, 3), DType::F32, Auto)?;
    let h = Tensor::zeros((1, 2, 4), DType::F32, Cpu)?;
    let c = Tensor::zeros((1, 2, 4), DType::F32, Cpu)?;
    lstm.forward((&x, (&h, &c)))?;
    Ok(())
}
