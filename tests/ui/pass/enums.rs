//! Enums of every kind: unit, tuple and struct variants, discriminants, generics, no variants, no device.

#![deny(warnings)]

use std::fmt::Debug;

use model_runtime::prelude::*;

#[derive(Module)]
pub enum Norm<'a, D: Device, M, T = u8, const N: usize = 2>
where
    M: Module,
    T: Debug,
{
    Layer(LayerNorm<D>),
    Affine(Param<D>, Option<Buffer<D>>),
    Inner { inner: M, sizes: [usize; N] },
    Named(#[module(skip)] &'a [T]),
    Empty {},
    Nothing(),
    None,
}

#[derive(Module, Clone, Copy, Debug, PartialEq)]
#[repr(u8)]
pub enum Pooling {
    Mean = 3,
    First = 1,
}

#[derive(Module, Clone, Copy, Debug)]
pub enum Never {}

#[derive(Module)]
pub enum One<D: Device> {
    Only(Linear<D>),
}

type Alias<'a, D> = Norm<'a, D, One<D>>;

#[derive(Module)]
pub struct Net<'a, D: Device> {
    pub norms: Vec<Alias<'a, D>>,
    pub pooling: (Pooling, Option<Never>),
}

pub fn main() -> Result<()> {
    let names = [1, 2];
    let norms = vec![
        Norm::Layer(LayerNorm::new(2)),
        Norm::Affine(Param::new(2, init::ONE), None),
        Norm::Inner { inner: One::Only(Linear::new(2, 2)), sizes: [1, 2] },
        Norm::Named(&names),
        Norm::Empty {},
        Norm::Nothing(),
        Norm::None,
    ];
    let net: Net<'_, Cpu> = Net { norms, pooling: (Pooling::First, None) }.init(Cpu)?;
    let state = net.state_dict()?;
    let expected = ["norms.0.weight", "norms.0.bias", "norms.1.0", "norms.2.inner.weight", "norms.2.inner.bias"];
    assert_eq!(state.keys().collect::<Vec<_>>(), expected);
    let net: Net<'_, Auto> = net.to(Auto)?;
    assert!(matches!(net.norms[2], Norm::Inner { sizes: [1, 2], .. }));
    assert!(matches!(net.norms[3], Norm::Named([1, 2])));
    assert_eq!(net.pooling.0, Pooling::First);
    Ok(())
}
