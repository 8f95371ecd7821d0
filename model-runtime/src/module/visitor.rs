//! What a walk calls: the operations on the leaves of a model.

use super::leaf::Leaf;
use super::mode::Mode;
use super::path::At;
use crate::device::Tag;
use crate::error::Result;

/// Visits the leaves of a model by reference.
#[doc(hidden)]
pub trait Visitor<'a> {
    /// A parameter or buffer.
    fn leaf(&mut self, at: At<'_>, leaf: &'a Leaf);
    /// A layer that behaves otherwise in training.
    fn mode(&mut self, _mode: &'a Mode) {}
}

/// Visits the leaves of a model and may replace them, on the device that they are on.
#[doc(hidden)]
pub trait VisitorMut {
    /// A parameter or buffer.
    ///
    /// # Errors
    ///
    /// What the operation runs into; the walk stops there.
    fn leaf(&mut self, at: At<'_>, leaf: &mut Leaf) -> Result<()>;

    /// A parameter or buffer of a module that other models hold too, behind an `Arc` or `Rc`.
    ///
    /// # Errors
    ///
    /// As `leaf`, and that the leaf cannot be replaced.
    fn shared(&mut self, at: At<'_>, leaf: &Leaf) -> Result<()>;
}

/// Visits the leaves of a shared module for a [`VisitorMut`].
pub(super) struct Shared<'v> {
    visitor: &'v mut dyn VisitorMut,
    pub(super) result: Result<()>,
}

impl<'v> Shared<'v> {
    pub(super) fn new(visitor: &'v mut dyn VisitorMut) -> Self {
        Self { visitor, result: Ok(()) }
    }
}

impl<'a> Visitor<'a> for Shared<'_> {
    fn leaf(&mut self, at: At<'_>, leaf: &'a Leaf) {
        if self.result.is_ok() {
            self.result = self.visitor.shared(at, leaf);
        }
    }
}

/// Makes the leaves of a model's copy on other devices.
#[doc(hidden)]
pub trait Mover {
    /// The leaf of the copy on `to`.
    ///
    /// # Errors
    ///
    /// What the operation runs into. The mover is then called no more, and what was made is dropped.
    fn leaf(&mut self, at: At<'_>, leaf: &Leaf, to: Tag) -> Result<Leaf>;
    /// The mode of the copy.
    fn mode(&mut self, mode: &Mode) -> Mode {
        mode.clone()
    }
}
