use model_runtime::prelude::*;

fn place(net: Linear<Cpu>, device: AnyDevice) -> Result<()> {
    let _net = net.to(device)?;
    Ok(())
}

fn main() {}
