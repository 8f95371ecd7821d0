use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    encoder: Linear<D>,
    decoder: Linear<D>,
}

fn place(net: &mut Net<Cpu>) -> Result<()> {
    net.encoder = net.encoder.clone().to(Cuda::<0>)?;
    Ok(())
}

fn main() {}
