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

fn main() {
    let declared: Net<Meta> = Net {
        weight: Param::new(2, init::ONE),
        self_: 0,
        __walk: Param::new(2, init::ONE),
        __w: Buffer::new(2, init::ONE),
        result: Buffer::new(2, init::ONE),
        name: "net",
    };
    let net: ::model_runtime::Result<Net<Cpu>> = declared.init(Cpu);
    ::std::assert!(net.is_ok());
}
