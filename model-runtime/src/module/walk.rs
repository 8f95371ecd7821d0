//! The walks over a model: by reference over all leaves with their keys, and the one that rebuilds it on other devices.
//!
//! `#[derive(Module)]` generates these and nothing else. Counting, moving, loading and saving are visitors, so that an
//! operation adds no generated code and is compiled once for all models.

use super::Module;
use super::leaf::Leaf;
use super::mode::Mode;
use crate::device::{Device, DeviceError, Tag};
use crate::error::{Error, Result};

/// Where a leaf is in the model.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct At<'k> {
    /// Its state-dict key.
    pub key: &'k str,
    /// Whether it is part of the state dict: not so under a field with `#[module(persistent = false)]`.
    pub persistent: bool,
}

/// The key of the place that a walk is at, and what the fields on the way there said.
#[derive(Debug, Default)]
struct Path {
    key: String,
    transient: bool,
}

impl Path {
    /// Goes to `name`; returns what [`leave`](Self::leave) needs to come back.
    fn enter(&mut self, name: &str) -> usize {
        let outer = self.key.len();
        if !self.key.is_empty() {
            self.key.push('.');
        }
        self.key.push_str(name);
        outer
    }

    fn leave(&mut self, outer: usize) {
        self.key.truncate(outer);
    }

    fn at(&self) -> At<'_> {
        At { key: &self.key, persistent: !self.transient }
    }
}

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
struct Shared<'v> {
    visitor: &'v mut dyn VisitorMut,
    result: Result<()>,
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
    /// What the operation runs into; the walk stops there, and nothing is left half made.
    fn leaf(&mut self, at: At<'_>, leaf: &Leaf, to: Tag) -> Result<Leaf>;
    /// The mode of the copy.
    fn mode(&mut self, mode: &Mode) -> Mode {
        mode.clone()
    }
}

macro_rules! path_methods {
    ($($return:ty)?, $(<$value:ident>)?) => {
        /// Visits the field `name`.
        #[inline]
        pub fn field$(<$value>)?(&mut self, name: &str, visit: impl FnOnce(&mut Self) $(-> $return)?) $(-> $return)? {
            let outer = self.path.enter(name);
            let result = visit(self);
            self.path.leave(outer);
            result
        }

        /// Visits buffers that are not part of the state dict.
        #[inline]
        pub fn transient$(<$value>)?(&mut self, visit: impl FnOnce(&mut Self) $(-> $return)?) $(-> $return)? {
            let outer = std::mem::replace(&mut self.path.transient, true);
            let result = visit(self);
            self.path.transient = outer;
            result
        }

        /// Visits the element `index` of a `Vec`, an array or a tuple.
        #[inline]
        pub fn index$(<$value>)?(&mut self, index: usize, visit: impl FnOnce(&mut Self) $(-> $return)?) $(-> $return)? {
            self.field(&index.to_string(), visit)
        }
    };
}

/// A walk by shared reference.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "a visitor has no text, and a walk is nothing else")]
pub struct Walk<'a, 'v> {
    path: Path,
    visitor: &'v mut dyn Visitor<'a>,
}

impl<'a, 'v> Walk<'a, 'v> {
    /// A walk from the root.
    pub fn new(visitor: &'v mut dyn Visitor<'a>) -> Self {
        Self { path: Path::default(), visitor }
    }

    path_methods!(,);

    /// Visits a leaf.
    pub fn leaf(&mut self, leaf: &'a Leaf) {
        self.visitor.leaf(self.path.at(), leaf);
    }

    /// Visits a mode.
    pub fn mode(&mut self, mode: &'a Mode) {
        self.visitor.mode(mode);
    }
}

/// A walk by exclusive reference.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "a visitor has no text, and a walk is nothing else")]
pub struct WalkMut<'v> {
    path: Path,
    visitor: &'v mut dyn VisitorMut,
}

impl<'v> WalkMut<'v> {
    /// A walk from the root.
    pub fn new(visitor: &'v mut dyn VisitorMut) -> Self {
        Self { path: Path::default(), visitor }
    }

    path_methods!(Result<()>,);

    /// Visits a leaf.
    ///
    /// # Errors
    ///
    /// The visitor's.
    pub fn leaf(&mut self, leaf: &mut Leaf) -> Result<()> {
        self.visitor.leaf(self.path.at(), leaf)
    }

    /// Visits the leaves of a module that cannot be had by exclusive reference, because others hold it too.
    pub(super) fn shared<M: Module>(&mut self, module: &M) -> Result<()> {
        let mut visitor = Shared { visitor: &mut *self.visitor, result: Ok(()) };
        let mut walk = Walk { path: std::mem::take(&mut self.path), visitor: &mut visitor };
        module.walk(&mut walk);
        self.path = walk.path;
        visitor.result
    }
}

/// The walk that rebuilds a model on other devices.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "a visitor has no text, and a walk is nothing else")]
pub struct Relocate<'v> {
    path: Path,
    mover: &'v mut dyn Mover,
    is_plan: bool,
}

impl<'v> Relocate<'v> {
    /// A walk from the root.
    pub fn new(mover: &'v mut dyn Mover) -> Self {
        Self { path: Path::default(), mover, is_plan: false }
    }

    /// A walk whose result is dropped unused: its leaves need no data, wherever they go.
    pub(crate) fn planning(mover: &'v mut dyn Mover) -> Self {
        Self { is_plan: true, ..Self::new(mover) }
    }

    path_methods!(Result<T>, <T>);

    /// The leaf of the copy, on `D`.
    ///
    /// # Errors
    ///
    /// The mover's, and a leaf without data for a device that computes.
    pub fn leaf<D: Device>(&mut self, leaf: &Leaf) -> Result<Leaf> {
        self.moved(leaf, D::__tag())
    }

    /// The mode of the copy.
    pub fn mode(&mut self, mode: &Mode) -> Mode {
        self.mover.mode(mode)
    }

    fn moved(&mut self, leaf: &Leaf, to: Tag) -> Result<Leaf> {
        let at = self.path.at();
        let moved = self.mover.leaf(at, leaf, to)?;
        match to {
            // A leaf on `Meta` has no data, whatever the mover has made.
            Tag::Meta => Ok(moved.without_data()),
            Tag::Fixed(_) | Tag::Slot(_) if moved.tensor().is_none() && !self.is_plan => {
                Err(Error::NoData { key: at.key.to_owned() })
            }
            Tag::Fixed(_) | Tag::Slot(_) => {
                check_place(&moved, to)?;
                Ok(moved)
            }
        }
    }
}

/// The one check that a mover put a leaf where its type will say.
fn check_place(leaf: &Leaf, to: Tag) -> Result<()> {
    match (leaf.tensor(), to.handle()?) {
        (Some(tensor), Some(handle)) if !tensor.device().same_device(&handle) => {
            Err(DeviceError::Mismatch { expected: to.to_string(), got: leaf.device_name() }.into())
        }
        _ => Ok(()),
    }
}

/// The key of the module that holds a leaf: the leaf's key without its last name.
pub(crate) fn module_of(key: &str) -> &str {
    key.rsplit_once('.').map_or("", |(module, _)| module)
}
