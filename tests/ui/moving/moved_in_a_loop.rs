use model_runtime::prelude::*;

fn train(net: Linear<Cpu>, batches: &[Tensor<Cuda<0>>]) -> Result<()> {
    for x in batches {
        net.to(Cuda::<0>)?.forward(x)?;
    }
    Ok(())
}

fn main() {}
