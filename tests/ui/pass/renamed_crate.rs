//! `#[module(crate = path)]` for a program that has the runtime under another name.

extern crate model_runtime as renamed;

mod model_runtime {}

use renamed::prelude::*;

#[derive(Module)]
#[module(crate = renamed)]
struct Net<D: Device> {
    fc: Linear<D>,
}

#[derive(Module)]
#[module(crate = renamed, device = E)]
enum Kinds<E: renamed::Device> {
    Net(Net<E>),
    Named { fc: Linear<E> },
}

pub fn main() -> Result<()> {
    let net: Net<Cpu> = Net { fc: Linear::new(4, 2) }.init(Cpu)?;
    assert_eq!(net.num_parameters(), 10);
    let kinds = [Kinds::Net(net), Kinds::Named { fc: Linear::new(2, 2).init(Cpu)? }];
    assert_eq!(kinds.num_parameters(), 16);
    Ok(())
}
