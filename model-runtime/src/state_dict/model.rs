//! [`Module::state_dict`]: the walk that collects a model's tensors.

use std::sync::Arc;

use indexmap::IndexMap;

use super::{Entry, StateDict, converted, convertible};
use crate::error::{Error, Result};
use crate::module::walk::{At, Visitor, Walk, With};
use crate::module::{Leaf, Module, below, join, module_of};
use crate::with::Tensors;

/// The version that PyTorch gives a module which never changed its state.
pub(super) const FIRST_VERSION: u64 = 1;

/// The tensors of `module` by name, in declaration order. A tied tensor has an entry under each of its names.
pub(crate) fn of_module<M: Module>(module: &M) -> Result<StateDict> {
    convertible::check(module)?;
    let mut collect = Collect { leaves: Vec::new(), versions: IndexMap::new() };
    module.walk(&mut Walk::new(&mut collect));
    let mut entries = Vec::new();
    let mut leaves = collect.leaves.into_iter().peekable();
    while let Some(leaf) = leaves.next() {
        let Some(with) = leaf.with.clone() else {
            entries.push(leaf.entry()?);
            continue;
        };
        let mut field = Tensors::from_iter([leaf.below(&with)?]);
        while let Some(leaf) = leaves.next_if(|next| next.is_under(&with)) {
            field.extend([leaf.below(&with)?]);
        }
        for (name, tensor) in converted::save(&with, &field)? {
            let key = join(with.key(), &name);
            collect.versions.entry(module_of(&key).to_owned()).or_insert(FIRST_VERSION);
            entries.push(Entry::of_memory(&key, tensor.detach())?);
        }
    }
    of_entries(entries, collect.versions)
}

/// Two entries of one name would quietly be one.
fn of_entries(entries: Vec<Entry>, versions: IndexMap<String, u64>) -> Result<StateDict> {
    let mut state = StateDict { versions: Some(versions), ..StateDict::default() };
    for entry in entries {
        let key = entry.key().to_owned();
        if state.entries.insert(key.clone(), entry).is_some() {
            return Err(duplicate(key));
        }
    }
    Ok(state)
}

/// The error of a model with two tensors of one name, which the keys of a map and flattened fields can make.
pub(super) fn duplicate(key: String) -> Error {
    let reason =
        "two tensors of the model have this key: rename a field, where one of the two has it through `flatten` or \
                  `with`; a map's keys must not contain `.`"
            .to_owned();
    Error::Declaration { key, reason }
}

struct Collect<'a> {
    leaves: Vec<Saved<'a>>,
    versions: IndexMap<String, u64>,
}

/// A leaf that is part of the state dict.
struct Saved<'a> {
    key: String,
    leaf: &'a Leaf,
    /// The key that it is tied to by an attribute.
    tied: Option<String>,
    /// The field that it is under and that files hold in another form.
    with: Option<Arc<With>>,
    /// What the attributes say about it, if that is impossible.
    check: Result<()>,
}

impl Saved<'_> {
    fn tensor(&mut self) -> Result<candle_core::Tensor> {
        std::mem::replace(&mut self.check, Ok(()))?;
        Ok(self.leaf.data(&self.key)?.detach())
    }

    fn entry(mut self) -> Result<Entry> {
        let tensor = self.tensor()?;
        let entry = Entry::of_memory(&self.key, tensor)?;
        Ok(match self.tied {
            Some(target) => entry.tied_to(&target),
            None => entry,
        })
    }

    /// Its name below a field, and its tensor.
    fn below(mut self, with: &With) -> Result<(String, candle_core::Tensor)> {
        let tensor = self.tensor()?;
        Ok((below(&self.key, with.key()).unwrap_or(&self.key).to_owned(), tensor))
    }

    fn is_under(&self, with: &Arc<With>) -> bool {
        self.with.as_ref().is_some_and(|other| Arc::ptr_eq(other, with))
    }
}

impl<'a> Visitor<'a> for Collect<'a> {
    fn leaf(&mut self, at: At<'_>, leaf: &'a Leaf) {
        if !at.persistent {
            return;
        }
        self.leaves.push(Saved {
            key: at.key.to_owned(),
            leaf,
            tied: at.tied.map(str::to_owned),
            with: at.with.cloned(),
            check: at.check(),
        });
        let version = self.versions.entry(module_of(at.key).to_owned()).or_insert(FIRST_VERSION);
        *version = leaf.spec().since_version.unwrap_or(FIRST_VERSION).max(*version);
    }
}
