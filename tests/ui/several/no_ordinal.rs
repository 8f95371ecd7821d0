use model_runtime::prelude::*;

fn place(net: Linear<Cpu>) -> Result<()> {
    let _net = net.to(Cuda)?;
    Ok(())
}

fn main() {}
