//! A program that allows no warnings does not get any from the expansion.

#![deny(warnings, missing_docs, unused_qualifications, unused_parens, single_use_lifetimes, elided_lifetimes_in_paths)]
#![forbid(unsafe_code)]

use model_runtime::prelude::*;

/// A network.
#[derive(Module, Clone, Debug)]
pub struct Net<D: Device> {
    /// A layer.
    pub fc: Linear<D>,
    /// A mask.
    #[module(persistent = false)]
    pub mask: Buffer<D>,
    /// A number.
    #[module(skip)]
    pub heads: usize,
}

fn main() {}
