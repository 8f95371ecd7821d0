//! Lifetimes, const parameters, other type parameters, where-clauses and defaults.

use std::fmt::Debug;

use model_runtime::prelude::*;

#[derive(Module)]
struct Net<'a, D, T = u8, const N: usize = 2>
where
    D: Device + Send + 'static,
    T: Debug + Copy,
    [(); N]: Sized,
{
    layers: [Linear<D>; N],
    sizes: [usize; N],
    #[module(skip)]
    names: &'a [T],
    #[module(skip)]
    seed: T,
}

/// A parameter whose bound does not show that it is a device.
use model_runtime::Device as Accelerator;

#[derive(Module)]
#[module(device = (A, B))]
struct Named<A: Accelerator, B: Accelerator> {
    first: Linear<A>,
    second: Linear<B>,
}

#[derive(Module)]
#[module(device = D)]
struct OnCpu<D: Accelerator = Cpu> {
    fc: Linear<D>,
}

pub fn main() -> Result<()> {
    let names = [1, 2];
    let layers = [Linear::new(1, 1), Linear::new(1, 1)];
    let net: Net<'_, Cpu> = Net { layers, sizes: [1, 1], names: &names, seed: 3 }.init(Cpu)?;
    assert_eq!((net.num_parameters(), net.names, net.seed, net.sizes), (4, &names[..], 3, [1, 1]));
    let _: Named<Cpu, Auto> = Named { first: Linear::new(1, 1), second: Linear::new(1, 1) }.init((Cpu, Auto))?;
    let _: OnCpu = OnCpu { fc: Linear::new(1, 1) }.init(Cpu)?;
    Ok(())
}
