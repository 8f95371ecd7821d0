//! The walks over a model: by reference over all leaves with their keys, and the one that rebuilds it on other devices.
//!
//! `#[derive(Module)]` generates these and nothing else. Counting, moving, loading and saving are visitors, so that an
//! operation adds no generated code and is compiled once for all models.

use super::Module;
use super::leaf::Leaf;
use super::mode::Mode;
use super::path::Path;
pub use super::path::{At, With};
pub use super::relocate::Relocate;
use super::ties::{Links, Scopes, are_apart};
use super::visitor::Shared;
pub use super::visitor::{Mover, Visitor, VisitorMut};
use crate::error::Result;
use crate::with::Convert;

/// The methods that lead to a field. Those of its attributes come before `field`: `walk.frozen().field("key", ..)`.
macro_rules! path_methods {
    ($($return:ty)?, $(<$value:ident>)?) => {
        /// Visits the field `name`.
        pub fn field$(<$value>)?(&mut self, name: &str, visit: impl FnOnce(&mut Self) $(-> $return)?) $(-> $return)? {
            self.enter(Some(name));
            let result = visit(self);
            self.leave();
            result
        }

        /// Visits a field whose leaves have the keys of the struct's own, for which the notes hold.
        pub fn noted$(<$value>)?(&mut self, visit: impl FnOnce(&mut Self) $(-> $return)?) $(-> $return)? {
            self.enter(None);
            let result = visit(self);
            self.leave();
            result
        }

        /// Goes to the field `name`, or for `None` to one whose leaves have the keys of the struct's own.
        pub(super) fn enter(&mut self, name: Option<&str>) {
            self.path.enter(name);
            self.ties.enter();
        }

        /// Goes to the element `index` of a `Vec`, an array or a tuple.
        pub(super) fn enter_index(&mut self, index: usize) {
            self.enter(Some(&index.to_string()));
        }

        /// Comes back from the field that was entered last.
        pub(super) fn leave(&mut self) {
            self.path.leave();
            self.ties.leave();
        }

        /// Says that older files have these names for the next field.
        pub fn alias(&mut self, aliases: &'static [&'static str]) -> &mut Self {
            self.path.note_aliases(aliases);
            self
        }

        /// Says that the next field keeps its initial value where the file has none.
        pub fn default(&mut self) -> &mut Self {
            self.path.note_default();
            self
        }

        /// Says that the next field adds nothing to the keys, so that it must have some of its own.
        pub fn flattened(&mut self) -> &mut Self {
            self.path.note_flattened();
            self
        }

        /// Says that the next field is not trained.
        pub fn frozen(&mut self) -> &mut Self {
            self.path.note_frozen();
            self
        }

        /// Says that files hold the next field in another form.
        pub fn with(&mut self, convert: Convert) -> &mut Self {
            self.path.note_with(convert);
            self
        }

        /// Visits buffers that are not part of the state dict.
        #[inline]
        pub fn transient$(<$value>)?(&mut self, visit: impl FnOnce(&mut Self) $(-> $return)?) $(-> $return)? {
            let outer = self.path.set_transient(true);
            let result = visit(self);
            self.path.set_transient(outer);
            result
        }

        /// Visits the element `index` of a `Vec`, an array or a tuple.
        #[inline]
        pub fn index$(<$value>)?(&mut self, index: usize, visit: impl FnOnce(&mut Self) $(-> $return)?) $(-> $return)? {
            self.enter_index(index);
            let result = visit(self);
            self.leave();
            result
        }
    };
}

pub(super) use path_methods;

/// A walk by shared reference.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "a visitor has no text, and a walk is nothing else")]
pub struct Walk<'a, 'v> {
    path: Path,
    ties: Scopes<&'a Leaf>,
    visitor: &'v mut dyn Visitor<'a>,
    /// Whether the leaves are those that the fields hold, each with the ties of its fields.
    collects_ties: bool,
}

impl<'a, 'v> Walk<'a, 'v> {
    /// A walk from the root.
    pub fn new(visitor: &'v mut dyn Visitor<'a>) -> Self {
        Self { path: Path::default(), ties: Scopes::default(), visitor, collects_ties: false }
    }

    /// A walk that tells its visitor what is tied, and leaves it at that.
    pub(super) fn collecting_ties(visitor: &'v mut dyn Visitor<'a>) -> Self {
        Self { collects_ties: true, ..Self::new(visitor) }
    }

    path_methods!(,);

    /// Says that the next field, of the struct `module`, is tied to what is at `path` in that struct.
    pub fn tied<M: Module>(&mut self, path: &str, module: &'a M) -> &mut Self {
        if self.collects_ties {
            self.path.note_tied(path);
        } else {
            self.ties.note(self.path.key(), Links::of(module));
        }
        self
    }

    /// Visits a leaf.
    pub fn leaf(&mut self, leaf: &'a Leaf) {
        let at = self.path.at();
        match self.ties.resolve(at.key) {
            Ok(None) => self.visitor.leaf(at, leaf),
            Ok(Some(tied)) => {
                let leaf = if are_apart(leaf, tied.leaf) { leaf } else { tied.leaf };
                self.visitor.leaf(At { tied: Some(&tied.key), ..at }, leaf);
            }
            Err(reason) => self.visitor.leaf(At { invalid: Some(&reason), ..at }, leaf),
        }
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
    ties: Scopes<Leaf>,
    visitor: &'v mut dyn VisitorMut,
}

impl<'v> WalkMut<'v> {
    /// A walk from the root.
    pub fn new(visitor: &'v mut dyn VisitorMut) -> Self {
        Self { path: Path::default(), ties: Scopes::default(), visitor }
    }

    path_methods!(Result<()>,);

    /// Says that the next field, of the struct `module`, is tied.
    pub fn tied<M: Module>(&mut self, _path: &str, module: &M) -> &mut Self {
        self.ties.note(self.path.key(), Links::owned(module));
        self
    }

    /// Visits a leaf.
    ///
    /// # Errors
    ///
    /// The visitor's, and what the attributes say about it is impossible.
    pub fn leaf(&mut self, leaf: &mut Leaf) -> Result<()> {
        let at = self.path.at();
        at.check()?;
        match self.ties.resolve(at.key) {
            Ok(None) => self.visitor.leaf(at, leaf),
            Ok(Some(tied)) => {
                if !are_apart(leaf, &tied.leaf) {
                    *leaf = tied.leaf;
                }
                self.visitor.leaf(At { tied: Some(&tied.key), ..at }, leaf)
            }
            Err(reason) => At { invalid: Some(&reason), ..at }.check(),
        }
    }

    /// Visits the leaves of a module that cannot be had by exclusive reference, because others hold it too.
    pub(super) fn shared<M: Module>(&mut self, module: &M) -> Result<()> {
        let mut visitor = Shared::new(&mut *self.visitor);
        let (path, ties) = (std::mem::take(&mut self.path), self.ties.borrowed());
        let mut walk = Walk { path, ties, visitor: &mut visitor, collects_ties: false };
        module.walk(&mut walk);
        self.path = walk.path;
        visitor.result
    }
}
