//! [`Module::state_dict`]: the walk that collects a model's tensors.

use indexmap::IndexMap;

use super::{Entry, StateDict};
use crate::error::{Error, Result};
use crate::module::walk::{At, Visitor, Walk, module_of};
use crate::module::{Leaf, Module};

/// The version that PyTorch gives a module which never changed its state.
const FIRST_VERSION: u64 = 1;

/// The tensors of `module` by name, in declaration order. A tied tensor has an entry under each of its names.
pub(crate) fn of_module<M: Module>(module: &M) -> Result<StateDict> {
    let mut collect = Collect { leaves: Vec::new(), versions: IndexMap::new() };
    module.walk(&mut Walk::new(&mut collect));
    let mut state = StateDict { versions: Some(collect.versions), ..StateDict::default() };
    for (key, leaf) in collect.leaves {
        let entry = Entry::of_memory(&key, leaf.data(&key)?.detach())?;
        if state.entries.insert(key.clone(), entry).is_some() {
            return Err(duplicate(key));
        }
    }
    Ok(state)
}

/// The error of a model with two tensors of one name, which only the keys of a map can make.
pub(super) fn duplicate(key: String) -> Error {
    let reason = "two tensors of the model have this key; a map's keys must not contain `.`".to_owned();
    Error::Declaration { key, reason }
}

struct Collect<'a> {
    leaves: Vec<(String, &'a Leaf)>,
    versions: IndexMap<String, u64>,
}

impl<'a> Visitor<'a> for Collect<'a> {
    fn leaf(&mut self, at: At<'_>, leaf: &'a Leaf) {
        if !at.persistent {
            return;
        }
        self.leaves.push((at.key.to_owned(), leaf));
        let version = self.versions.entry(module_of(at.key).to_owned()).or_insert(FIRST_VERSION);
        *version = leaf.spec().since_version.unwrap_or(FIRST_VERSION).max(*version);
    }
}
