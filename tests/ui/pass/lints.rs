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

/// Makes one.
pub fn main() -> Result<()> {
    let net = Net { fc: Linear::new(2, 1), mask: Buffer::new(1, init::ZERO), heads: 1 }.init(Cpu)?;
    assert_eq!((net.fc.num_parameters(), net.mask.dims(), net.heads), (3, &[1][..], 1));
    Ok(())
}
