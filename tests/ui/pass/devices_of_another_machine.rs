//! Code for devices that this build or machine lacks compiles; using them is an error that says why.

use model_runtime::prelude::*;

fn predict(net: &Linear<Cuda<1>>, x: &Tensor<Cuda<1>>) -> Result<Tensor<Cuda<1>>> {
    net.forward(x)
}

pub fn main() -> Result<()> {
    let _ = predict;
    if let Err(error) = Tensor::zeros(1, DType::F32, Cuda::<63>) {
        assert!(error.to_string().starts_with("`cuda:63` is not available"), "{error}");
    }
    Ok(())
}
