use model_runtime::prelude::*;

fn predict(net: &Linear<Auto>) -> Result<Tensor<Auto>> {
    let x = Tensor::zeros((1, 4), DType::F32, Cpu)?;
    net.forward(&x)
}

fn main() {}
