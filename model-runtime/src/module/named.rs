//! Walks that look: leaves by name, counts, modes.

use std::collections::HashSet;

use super::Module;
use super::leaf::{Identity, Leaf, LeafKind};
use super::mode::Mode;
use super::walk::{At, Visitor, Walk};

/// The leaves of one kind with their names; a tied one under its first name only.
pub(super) fn leaves<M: Module>(module: &M, kind: LeafKind) -> Vec<(String, &Leaf)> {
    let mut named = Named { kind, seen: HashSet::new(), leaves: Vec::new() };
    module.walk(&mut Walk::new(&mut named));
    named.leaves
}

/// The leaves that training leaves out: those that are under a field with `#[module(frozen)]` by one of their names.
pub(super) fn frozen<M: Module>(module: &M) -> HashSet<Identity> {
    let mut frozen = Frozen(HashSet::new());
    module.walk(&mut Walk::new(&mut frozen));
    frozen.0
}

/// The number of elements of all parameters; a tied one counts once.
pub(super) fn num_parameters<M: Module>(module: &M) -> usize {
    let counts = leaves(module, LeafKind::Parameter);
    counts.iter().map(|(_, leaf)| leaf.shape().elem_count()).sum()
}

/// Sets the mode of every layer that has one.
pub(super) fn set_training<M: Module>(module: &M, training: bool) {
    module.walk(&mut Walk::new(&mut SetMode { training }));
}

struct Named<'a> {
    kind: LeafKind,
    seen: HashSet<Identity>,
    leaves: Vec<(String, &'a Leaf)>,
}

impl<'a> Visitor<'a> for Named<'a> {
    fn leaf(&mut self, at: At<'_>, leaf: &'a Leaf) {
        if leaf.kind() == self.kind && self.seen.insert(leaf.identity()) {
            self.leaves.push((at.key.to_owned(), leaf));
        }
    }
}

struct Frozen(HashSet<Identity>);

impl<'a> Visitor<'a> for Frozen {
    fn leaf(&mut self, at: At<'_>, leaf: &'a Leaf) {
        if at.frozen {
            self.0.insert(leaf.identity());
        }
    }
}

struct SetMode {
    training: bool,
}

impl<'a> Visitor<'a> for SetMode {
    fn leaf(&mut self, _at: At<'_>, _leaf: &'a Leaf) {}

    fn mode(&mut self, mode: &'a Mode) {
        mode.set(self.training);
    }
}
