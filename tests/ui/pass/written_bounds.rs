//! `bound` in place of the bounds of the skipped fields: for one that would go round in a circle, and for lifetimes.

#![deny(warnings)]

use model_runtime::prelude::*;

/// Without `bound` the impl would ask for `Option<Box<Log<T>>>: Clone`, of which the user does not want to tell.
mod private {
    #[derive(Clone)]
    pub struct Log<T> {
        pub last: T,
        pub next: Option<Box<Log<T>>>,
    }
}

#[derive(Module)]
#[module(bound = "T: Clone, for<'b> &'b T: PartialEq, 'a: 'a")]
pub struct Net<'a, D: Device, T> {
    pub fc: Linear<D>,
    #[module(skip)]
    pub log: private::Log<T>,
    #[module(skip)]
    pub names: &'a [T],
}

/// A copy needs no bound at all.
#[derive(Module)]
#[module(bound = "")]
pub struct Borrowed<'a, D: Device, T> {
    pub fc: Linear<D>,
    #[module(skip)]
    pub words: &'a [T],
}

pub struct NotClone;

pub fn main() -> Result<()> {
    let log = private::Log { last: 2u8, next: None };
    let names = [1u8];
    let net: Net<'_, Cpu, u8> = Net { fc: Linear::new(1, 1), log, names: &names }.init(Cpu)?;
    assert_eq!((net.log.last, net.log.next.is_none(), net.names[0]), (2, true, 1));
    let words = [NotClone];
    let borrowed: Borrowed<'_, Cpu, NotClone> = Borrowed { fc: Linear::new(1, 1), words: &words }.init(Cpu)?;
    assert_eq!(borrowed.words.len(), 1);
    Ok(())
}
