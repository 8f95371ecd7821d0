//! Fields, variants and types with the names that the expansion gives to its own.

#![deny(warnings)]

use model_runtime::prelude::*;

#[derive(Module)]
struct Walk<D: Device> {
    __walk: Param<D>,
    __w: Param<D>,
    walk: Param<D>,
    self_: Param<D>,
    __field0: Param<D>,
    _rt: Param<D>,
    __private: Param<D>,
}

#[derive(Module)]
enum Names<D: Device> {
    Swapped { __field1: Param<D>, __field0: Param<D>, __walk: Param<D>, __w: Buffer<D>, self_: usize },
    Walk(Param<D>, Param<D>),
}

#[derive(Module)]
struct Relocate<D: Device> {
    relocate: Names<D>,
    walk_mut: Names<D>,
    rt: Walk<D>,
}

pub fn main() -> Result<()> {
    let param = || Param::new(1, init::ONE);
    let rt = Walk {
        __walk: param(),
        __w: param(),
        walk: param(),
        self_: param(),
        __field0: param(),
        _rt: param(),
        __private: param(),
    };
    let swapped = Names::Swapped {
        __field1: Param::new(2, init::ONE),
        __field0: Param::new(3, init::ONE),
        __walk: param(),
        __w: Buffer::new(1, init::ONE),
        self_: 4,
    };
    let net = Relocate { relocate: swapped, walk_mut: Names::Walk(param(), param()), rt };
    let net: Relocate<Cpu> = net.init(Cpu)?.to_dtype(DType::F64)?;
    let Names::Swapped { __field1, __field0, self_, .. } = &net.relocate else { panic!("the variant has changed") };
    assert_eq!((__field1.dims(), __field0.dims(), *self_), (&[2][..], &[3][..], 4));
    assert_eq!(net.state_dict()?.len(), 13);
    Ok(())
}
