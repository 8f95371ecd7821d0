use model_runtime::prelude::*;

fn place(net: Linear<Cpu>) -> Result<()> {
    let _net = net.to(0)?;
    Ok(())
}

fn main() {}
