use model_runtime::prelude::*;

fn place(net: Linear<Cpu>) -> Result<()> {
    let _net = net.to((Cuda::<0>, Cuda::<1>, Cuda::<2>, Cuda::<3>, Cuda::<4>))?;
    Ok(())
}

fn main() {}
