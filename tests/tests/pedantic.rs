//! A program that allows no lint of rustc's and clippy's gets none from the expansion of any shape and attribute.
//!
//! Clippy checks it with the rest of the workspace; the test shows that the program is the one that was checked.

#![deny(warnings, missing_docs, unused_qualifications, unused_results, single_use_lifetimes, let_underscore_drop)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]

use std::collections::BTreeMap;
use std::sync::Arc;

use model_runtime::prelude::*;

/// A struct with fields of every kind.
#[derive(Module, Clone, Debug)]
pub struct Block<D: Device> {
    /// A layer.
    pub fc: Linear<D>,
    /// Another name.
    #[module(rename = "gamma")]
    pub scale: Param<D>,
    /// A buffer that is not saved.
    #[module(persistent = false)]
    pub mask: Option<Buffer<D>>,
    /// No part of the model.
    #[module(skip)]
    pub note: Vec<u8>,
    /// A base class.
    #[module(flatten)]
    pub base: Base<D>,
    /// Containers.
    pub map: BTreeMap<String, (Linear<D>, Arc<Linear<D>>)>,
}

/// A struct that is its field.
#[derive(Module, Clone, Debug)]
#[module(transparent)]
pub struct Base<D: Device>(Vec<Linear<D>>);

/// An enum with variants of every kind.
#[derive(Module, Clone, Debug)]
#[module(rename_all = "camelCase", bound = "T: Clone")]
pub enum Kind<A: Device, B: Device, T> {
    /// One value.
    One(Block<B>),
    /// Several.
    Several(Linear<A>, Linear<B>, usize),
    /// Named ones.
    Named {
        /// A layer.
        in_proj: Linear<A>,
        /// A buffer that is not saved.
        #[module(persistent = false)]
        mask: Buffer<B>,
        /// No part of the model.
        #[module(skip)]
        words: Vec<T>,
    },
    /// Nothing.
    None,
    /// Nothing too.
    Neither,
}

/// An enum of configuration.
#[derive(Module, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// A variant.
    Mean,
    /// Another.
    Window(usize),
    /// One more.
    Same(usize),
}

/// An enum without variants.
#[derive(Module, Clone, Copy, Debug)]
pub enum Never {}

/// A unit struct.
#[derive(Module, Clone, Copy, Debug)]
pub struct Unit;

/// Parameters of every kind.
#[derive(Module, Debug)]
pub struct Net<'a, D, M: Module, const N: usize = 2>
where
    D: Device,
{
    /// Modules.
    pub inner: [M; N],
    /// A tree.
    pub child: Option<Box<Self>>,
    /// Enums.
    pub kind: Kind<D, D, u8>,
    /// Configuration.
    pub pooling: (Pooling, Option<Never>, Unit),
    /// A reference.
    #[module(skip)]
    pub names: &'a [&'static str],
}

#[test]
fn the_program_without_lints_runs() {
    let layer = || Linear::new(1, 1).bias(false);
    let block = Block {
        fc: layer(),
        scale: Param::new(1, init::ONE),
        mask: None,
        note: vec![1],
        base: Base(vec![layer()]),
        map: BTreeMap::new(),
    };
    let net = Net {
        inner: [layer(), layer()],
        child: None,
        kind: Kind::One(block),
        pooling: (Pooling::Window(2), None, Unit),
        names: &["net"],
    };
    let net: Net<'_, Cpu, Linear<Cpu>> = net.init(Cpu).unwrap();
    let state = net.state_dict().unwrap();
    let expected = ["inner.0.weight", "inner.1.weight", "kind.fc.weight", "kind.gamma", "kind.0.weight"];
    assert_eq!(state.keys().collect::<Vec<_>>(), expected);
}
