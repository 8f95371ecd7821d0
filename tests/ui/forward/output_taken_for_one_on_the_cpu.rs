use model_runtime::prelude::*;

fn correct(logits: &Tensor<Cpu>) -> usize {
    logits.dims().len()
}

fn evaluate(net: &Linear<Cuda<0>>, x: &Tensor<Cuda<0>>) -> Result<usize> {
    let logits = net.forward(x)?;
    Ok(correct(&logits))
}

fn main() {}
