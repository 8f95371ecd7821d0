//! A where-clause on a type that the device parameter is part of: it holds on every device, so the model moves.

#![deny(warnings)]

use std::fmt::Debug;

use model_runtime::prelude::*;

#[derive(Module)]
pub struct Net<D: Device>
where
    Linear<D>: Clone + Debug,
{
    pub fc: Linear<D>,
    pub scale: Param<D>,
}

#[derive(Module)]
pub enum Layer<M: Module, D: Device, const N: usize>
where
    Linear<D>: Clone,
    Vec<M>: Sized,
{
    Linears([Linear<D>; N]),
    Wrapped { inner: M, scale: Param<D> },
}

pub fn main() -> Result<()> {
    let net = Net { fc: Linear::new(2, 1), scale: Param::new((1,), init::ONE) };
    let net: Net<Auto> = net.init(Cpu)?.to(Auto)?;
    assert_eq!(format!("{:?}", net.fc.clone()).is_empty(), net.num_parameters() != 4);

    let layer: Layer<Linear<Meta>, Meta, 2> =
        Layer::Wrapped { inner: Linear::new(2, 1), scale: Param::new((1,), init::ONE) };
    let layer: Layer<Linear<Auto>, Cpu, 2> = layer.init((Auto, Cpu))?;
    assert_eq!(layer.num_parameters(), 4);
    Ok(())
}
