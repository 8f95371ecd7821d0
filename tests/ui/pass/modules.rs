//! Module parameters take as many devices as they have, between those of the struct itself.

use model_runtime::prelude::*;

#[derive(Module)]
struct Stage<A: Device, B: Device>(Linear<A>, Linear<B>);

#[derive(Module)]
struct Around<A: Device, M: Module, N, B>
where
    N: Module,
    B: Device,
{
    first: Linear<A>,
    inner: M,
    all: (Linear<A>, Option<Box<N>>),
    last: Linear<B>,
    sizes: [usize; 2],
}

pub fn main() -> Result<()> {
    let linear = || Linear::new(1, 1);
    let declared = Around {
        first: linear(),
        inner: Stage(linear(), linear()),
        all: (linear(), Some(Box::new(linear()))),
        last: linear(),
        sizes: [1, 1],
    };
    let net = declared.init((Cpu, Auto, Cpu, Auto))?;
    let net: Around<Cpu, Stage<Auto, Cpu>, Linear<Auto>, Auto> = net;
    let net: Around<Cpu, Stage<Cpu, Cpu>, Linear<Cpu>, Cpu> = net.to(Cpu)?;
    assert_eq!(net.num_parameters(), 12);
    Ok(())
}
