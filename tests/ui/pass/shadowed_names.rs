//! The names that an expansion might use stand for something else in this file.

#![deny(warnings)]
#![allow(dead_code, unused_imports, non_camel_case_types, reason = "the names are there to be in the way")]

use model_runtime::{Buffer, Compute, Cpu, Device, Meta, Module, Param, init, nn};

mod in_the_way {
    pub struct Result;
    pub struct Vec;
    pub struct Option;
    pub struct String;
    pub struct Box;
    pub struct Placement;
    pub struct Walk;
    pub struct WalkMut;
    pub struct Relocate;
    pub struct HasData;
    pub struct D;
    pub struct P;
    pub struct M;
    pub struct __P;
    pub trait Clone {}
    pub trait Default {}
    pub trait Sized {}
    pub fn walk() {}
    pub fn relocate() {}
    pub enum Outcome {
        Ok,
        Err,
        Some,
        None,
    }
}
use in_the_way::Outcome::*;
use in_the_way::*;

mod std {}
mod core {}
mod model_derive {}
mod __private {}

#[derive(Module)]
struct Net<E: Device> {
    weight: Param<E>,
    #[module(persistent = false)]
    mask: Buffer<E>,
    #[module(skip)]
    heads: usize,
}

// `D` is the parameter here, and not the item.
#[derive(Module)]
enum Kinds<D: Device> {
    Layer(nn::Linear<D>),
    Named { net: Net<D>, walk: Param<D> },
}

// The parameter has the name of the one that the expansion adds to its methods, less the underscores.
#[derive(Module)]
struct Generic<P: Module, W: Device> {
    inner: P,
    fc: nn::Linear<W>,
}

fn scale<C: Compute>(net: &Net<C>) -> &Param<C> {
    &net.weight
}

pub fn main() {
    let net: Net<Meta> =
        Net { weight: Param::new(2, init::ONE), mask: Buffer::new(2, init::ZERO), heads: 2 };
    let kinds = Kinds::Named { net, walk: Param::new(1, init::ONE) };
    let generic = Generic { inner: kinds, fc: nn::Linear::new(1, 1) };
    let generic: Generic<Kinds<Cpu>, Cpu> = generic.init(Cpu).unwrap();
    let Kinds::Named { net, .. } = &generic.inner else { panic!("the variant has changed") };
    assert_eq!(scale(net).dims(), [2]);
    assert_eq!(generic.num_parameters(), 5);
}
