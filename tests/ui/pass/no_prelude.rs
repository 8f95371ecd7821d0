//! The expansion names nothing of the prelude, nor of the names that a file may have in its place.

#![no_implicit_prelude]
#![deny(warnings, unused_qualifications)]
#![allow(dead_code, non_snake_case, reason = "the names are there to be in the way")]

use ::model_runtime::{Buffer, Cpu, Device, Meta, Module, Param, init};

struct Result;
struct Option;
struct Vec;
struct String;
struct P;
struct Placement;
trait Clone {}
trait Default {}
fn Ok() {}
fn Err() {}
fn Some() {}

#[derive(Module)]
struct Net<D: Device> {
    weight: Param<D>,
    // Names that the expansion might have used.
    self_: usize,
    __walk: Param<D>,
    __w: Buffer<D>,
    #[module(persistent = false)]
    result: Buffer<D>,
    #[module(skip)]
    name: &'static str,
}

#[derive(Module)]
#[module(rename_all = "camelCase")]
enum Kinds<D: Device> {
    Net(Net<D>),
    Named {
        #[module(flatten)]
        net: Net<D>,
        #[module(skip)]
        heads: usize,
    },
    None,
}

#[derive(Module)]
#[module(transparent)]
struct Wrapper<D: Device>(Kinds<D>);

pub fn main() {
    let declared: Net<Meta> = Net {
        weight: Param::new(2, init::ONE),
        self_: 0,
        __walk: Param::new(2, init::ONE),
        __w: Buffer::new(2, init::ONE),
        result: Buffer::new(2, init::ONE),
        name: "net",
    };
    let declared = Wrapper(Kinds::Named { net: declared, heads: 1 });
    let net: ::model_runtime::Result<Wrapper<Cpu>> = declared.init(Cpu);
    ::std::assert_eq!(net.unwrap().0.num_parameters(), 4);
    let none: Kinds<Meta> = Kinds::None;
    ::std::assert_eq!(none.num_parameters(), 0);
    ::std::assert!(::std::matches!(none, Kinds::None));
    let _: fn(Net<Meta>) -> Kinds<Meta> = Kinds::Net;
}
