//! Whether fields with `#[module(with = ..)]` can be converted: what a load refuses, `init` and `state_dict` refuse too.

use std::collections::HashSet;
use std::sync::Arc;

use super::converted::{is_tied, signature, stored};
use crate::error::Result;
use crate::module::walk::{At, Visitor, Walk, With};
use crate::module::{Identity, Leaf, Module};

/// The one check that files can hold the fields of `module` in the form that their converters give them.
///
/// # Errors
///
/// The first field that cannot be converted.
pub(crate) fn check<M: Module>(module: &M) -> Result<()> {
    let mut fields = Fields { leaves: Vec::new(), seen: HashSet::new(), tied: HashSet::new(), checked: Ok(()) };
    module.walk(&mut Walk::new(&mut fields));
    fields.check()
}

struct Fields<'a> {
    /// The leaves that files hold in another form.
    leaves: Vec<(String, &'a Leaf, Arc<With>)>,
    seen: HashSet<Identity>,
    /// The leaves that the model has in several places.
    tied: HashSet<Identity>,
    checked: Result<()>,
}

impl<'a> Visitor<'a> for Fields<'a> {
    fn leaf(&mut self, at: At<'_>, leaf: &'a Leaf) {
        if !self.seen.insert(leaf.identity()) {
            self.tied.insert(leaf.identity());
        }
        let Some(with) = at.with.filter(|_| at.persistent) else { return };
        if self.checked.is_ok() {
            self.checked = at.check();
        }
        self.leaves.push((at.key.to_owned(), leaf, Arc::clone(with)));
    }
}

impl Fields<'_> {
    fn check(self) -> Result<()> {
        self.checked?;
        for field in self.leaves.chunk_by(|(_, _, a), (_, _, b)| Arc::ptr_eq(a, b)) {
            let Some((_, _, with)) = field.first() else { continue };
            let signatures: Vec<_> = field.iter().map(|(key, leaf, _)| signature(with.key(), key, leaf)).collect();
            drop(stored(with, &signatures)?);
        }
        match self.leaves.iter().find(|(_, leaf, _)| self.tied.contains(&leaf.identity())) {
            None => Ok(()),
            Some((key, ..)) => Err(is_tied(key)),
        }
    }
}
