use model_runtime::prelude::*;

fn predict<D: Compute>(net: &Linear<D>, x: &Tensor<D>) -> Result<Tensor<D>> {
    net.forward(x)
}

fn main() -> Result<()> {
    let net = Linear::new(4, 2).init(Cuda::<0>)?;
    let x = Tensor::zeros((1, 4), DType::F32, Cpu)?;
    predict(&net, &x)?;
    Ok(())
}
