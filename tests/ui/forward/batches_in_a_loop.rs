use model_runtime::prelude::*;

fn evaluate(net: &Linear<Cuda<0>>, batches: Vec<(Tensor<Cpu>, Tensor<Cpu>)>) -> Result<()> {
    for (images, _labels) in &batches {
        let _logits = net.forward(images)?;
    }
    Ok(())
}

fn main() {}
