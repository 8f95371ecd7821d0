//! `#[module(crate = path)]` for a program that has the runtime under another name.

extern crate model_runtime as renamed;

mod model_runtime {}

use renamed::prelude::*;

#[derive(Module)]
#[module(crate = renamed)]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn main() -> Result<()> {
    let net: Net<Cpu> = Net { fc: Linear::new(4, 2) }.init(Cpu)?;
    assert_eq!(net.num_parameters(), 10);
    Ok(())
}
