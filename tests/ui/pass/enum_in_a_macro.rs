//! Enums that a macro writes, from fragments of every kind.

#![deny(warnings)]

use model_runtime::prelude::*;

// The parameter has to come from where the macro names it.
macro_rules! with_device {
    ($($rest:tt)*) => {
        #[derive(Module)]
        #[module(transparent)]
        pub struct Wrapper<D: Device>($($rest)*<D>);
    };
}

mod inner {
    use super::*;

    #[derive(Module)]
    pub enum Norm<D: Device> {
        One(Linear<D>),
        Two { fc: Linear<D> },
    }
}

macro_rules! layer {
    ($device:ty) => { inner::Norm<$device> };
}

#[derive(Module)]
pub struct Net<D: Device> {
    // A macro in the place of a type: the derive looks into its input.
    pub norm: layer!(D),
    pub norms: Vec<layer!(D)>,
}

with_device!(Linear);

macro_rules! simple {
    ($name:ident, $device:ident, $variant:ident, $field:ident, $ty:ty, $case:literal, $key:literal) => {
        #[derive(Module)]
        #[module(rename_all = $case)]
        pub enum $name<$device: Device> {
            $variant { $field: $ty, #[module(rename = $key)] other: Box<$ty> },
            Tuple($ty),
            Pair($ty, Option<$ty>),
        }
    };
}

simple!(Simple, E, Fields, in_proj, Linear<E>, "camelCase", "out_proj");

macro_rules! bounded {
    ($bound:literal, $($body:tt)*) => {
        #[derive(Module)]
        #[module(bound = $bound)]
        $($body)*
    };
}

bounded!("T: Clone", pub enum Bounded<D: Device, T> { Layer(Linear<D>, #[module(skip)] Vec<T>) });

pub fn main() -> Result<()> {
    let layer = || Linear::new(1, 1).bias(false);
    let net = Net { norm: inner::Norm::One(layer()), norms: vec![inner::Norm::Two { fc: layer() }] }.init(Cpu)?;
    assert_eq!(net.state_dict()?.keys().collect::<Vec<_>>(), ["norm.weight", "norms.0.fc.weight"]);
    let simple = Simple::Fields { in_proj: layer(), other: Box::new(layer()) }.init(Cpu)?;
    assert_eq!(simple.state_dict()?.keys().collect::<Vec<_>>(), ["inProj.weight", "out_proj.weight"]);
    let tuples = [Simple::Tuple(layer()), Simple::Pair(layer(), None)];
    assert_eq!(tuples.init(Cpu)?.num_parameters(), 2);
    assert_eq!(Wrapper(layer()).init(Cpu)?.state_dict()?.keys().collect::<Vec<_>>(), ["weight"]);
    let bounded: Bounded<Cpu, u8> = Bounded::Layer(layer(), vec![1]).init(Cpu)?;
    assert_eq!(bounded.num_parameters(), 1);
    Ok(())
}
