//! [`StateDict`]: tensors by name, from a file or from a model.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::checkpoint::{RawEntry, RawStateDict, SaveOptions, Value};

use crate::error::{Result, Unsupported};
use crate::hash::Seeded;
use crate::module::module_of;

mod checkpoint;
mod compare;
mod converted;
mod convertible;
mod display;
mod entry;
mod explanation;
mod fill;
mod filter;
mod fold;
mod hint;
mod kept;
mod load;
mod located;
mod manifest;
mod merge;
mod model;
mod nearest;
mod optimizer;
mod options;
#[cfg(feature = "indicatif")]
mod progress_bar;
mod read;
mod rename;
mod report;
mod rest;
mod save;
mod widen;

pub use entry::{Entry, StorageId};
pub use optimizer::{OptimizerState, ParamGroup, ParamState};
pub use options::LoadOptions;
pub use report::{LoadError, LoadReport, Mismatch, MissingKey};

pub(crate) use convertible::check as check_convertible;
pub(crate) use load::load;
pub(crate) use manifest::check as check_manifest;
pub(crate) use model::of_module;

use rename::Rule;

/// Tensors by name, in the order of the file or of the model. Nothing is read until it is asked for.
///
/// Corresponds to the [state dict](https://docs.pytorch.org/tutorials/recipes/recipes/what_is_state_dict.html) of PyTorch.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let state = Linear::new(4, 2).init(Cpu)?.state_dict()?;
/// assert_eq!(state.keys().collect::<Vec<_>>(), ["weight", "bias"]);
/// let weight = state.get("weight").expect("a linear layer has a weight");
/// assert_eq!(weight.shape(), [2, 4]);
/// assert_eq!(weight.location(), "cpu");
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct StateDict {
    entries: IndexMap<String, Entry, Seeded>,
    /// What the file holds under these names and cannot be read, and why.
    unreadable: IndexMap<String, String>,
    /// What the file holds under these names and is no tensor.
    other: IndexMap<String, Value>,
    /// The version of each module, by its path: PyTorch's `_metadata`.
    versions: Option<IndexMap<String, u64>>,
    /// Where it comes from, for messages.
    source: Option<Arc<str>>,
}

impl StateDict {
    /// The state dict that a checkpoint's reader found.
    pub(crate) fn of_checkpoint(raw: RawStateDict, source: String) -> Self {
        let mut state = Self {
            other: raw.other.into_iter().collect(),
            versions: raw.metadata.map(|versions| versions.into_iter().collect()),
            source: Some(source.into()),
            ..Self::default()
        };
        state.entries.reserve(raw.entries.len());
        for (key, entry) in raw.entries {
            match entry {
                RawEntry::Tensor(tensor) => {
                    let entry = Entry::of_file(&key, tensor);
                    state.entries.insert(key, entry);
                }
                RawEntry::Unreadable { reason } => drop(state.unreadable.insert(key, reason)),
            }
        }
        state
    }

    /// The names, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The entry of that name.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The names and entries, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(key, entry)| (key.as_str(), entry))
    }

    /// The tensors that cannot be read, with the reason: quantised or sparse ones, for example. Loading a model reports
    /// them.
    pub fn unreadable(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.unreadable.iter().map(|(key, reason)| (key.as_str(), reason.as_str()))
    }

    /// The version of the module at `path` (`""` is the root), as PyTorch saved it in `_metadata`.
    pub fn version(&self, path: &str) -> Option<u64> {
        self.versions.as_ref()?.get(path).copied()
    }

    /// The same entries without this prefix, where they have it; a prefix is a path, with or without its last `.`.
    ///
    /// Corresponds to `torch.nn.modules.utils.consume_prefix_in_state_dict_if_present`.
    ///
    /// # Errors
    ///
    /// Two keys become one.
    pub fn strip_prefix(&self, prefix: &str) -> Result<Self> {
        self.renamed(&Rule::strip_prefix(prefix))
    }

    /// The same entries with this prefix before every key; a prefix is a path, with or without its last `.`.
    ///
    /// # Errors
    ///
    /// None: different keys stay different. The signature is that of its siblings.
    pub fn add_prefix(&self, prefix: &str) -> Result<Self> {
        self.renamed(&Rule::add_prefix(prefix))
    }

    /// The same entries under the names that `rename` gives them.
    ///
    /// # Errors
    ///
    /// Two keys become one.
    pub fn rename(&self, rename: impl Fn(&str) -> String + Send + Sync + 'static) -> Result<Self> {
        self.renamed(&Rule::With(Arc::new(rename)))
    }

    /// The same entries under other names: every match of a regular expression is replaced, see
    /// [`LoadOptions::rename_regex`].
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let state = LayerNorm::new(4).init(Cpu)?.state_dict()?.rename_regex("^weight$", "gamma")?;
    /// assert_eq!(state.keys().collect::<Vec<_>>(), ["gamma", "bias"]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The pattern is no regular expression, the replacement names a group that it does not have, or two keys become one.
    pub fn rename_regex(&self, pattern: &str, replacement: &str) -> Result<Self> {
        self.renamed(&Rule::regex(pattern, replacement)?)
    }

    /// The entries whose keys `keep` says yes to.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&str) -> bool) -> Self {
        let mut filtered = self.clone();
        filtered.entries.retain(|key, _| keep(key));
        filtered.unreadable.retain(|key, _| keep(key));
        filtered.other.retain(|key, _| keep(key));
        filtered
    }

    /// Writes the tensors to a file, in the format that its extension names: `.safetensors`, or PyTorch's own for `.pt`,
    /// `.pth`, `.bin` and `.ckpt`.
    ///
    /// The file appears, or replaces the one that is there, only when it is complete. Entries of a file that hold no tensor
    /// (`_extra_state`) are kept in PyTorch's format, after the tensors; safetensors has no place for them, and they are an
    /// error that names them, unless [`SaveOptions::tensors_only`] leaves them out.
    ///
    /// Corresponds to [`torch.save(model.state_dict(), path)`](https://docs.pytorch.org/docs/stable/generated/torch.save.html).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// # let folder = tempfile::tempdir().expect("a folder");
    /// # let path = folder.path().join("linear.pt");
    /// let state = Linear::new(4, 2).init(Cpu)?.state_dict()?;
    /// state.save(&path)?;
    /// let loaded = Checkpoint::open(&path)?.state_dict()?;
    /// assert_eq!(loaded.keys().collect::<Vec<_>>(), ["weight", "bias"]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An extension that names no format that can be written, a tensor that cannot be read, or a file that cannot be
    /// written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_with(path, &SaveOptions::default())
    }

    /// Writes the tensors as [`save`](Self::save) does, with options: the devices that a `.pt` file names, the size of the
    /// shards of safetensors.
    ///
    /// # Errors
    ///
    /// As [`save`](Self::save), and a device that the options name and PyTorch does not know.
    pub fn save_with(&self, path: impl AsRef<Path>, options: &SaveOptions) -> Result<()> {
        save::by_extension(self, path.as_ref(), options)
    }

    /// Writes PyTorch's zip format, whatever the name of the file ends in, with `_metadata` and each shared storage once:
    /// see [`Value::save`](crate::checkpoint::Value::save).
    ///
    /// # Errors
    ///
    /// A tensor that cannot be read, or a file that cannot be written.
    pub fn save_torch(&self, path: impl AsRef<Path>) -> Result<()> {
        save::torch(self, path.as_ref(), &SaveOptions::default())
    }

    /// Writes the tensors as safetensors, with the metadata `format: pt` that PyTorch's readers expect.
    ///
    /// Names that stand for one tensor are written once, as Hugging Face's `save_pretrained` does: under the one that the
    /// others are tied to (`#[module(tied = "..")]`), else under the first. A model that ties them loads it. The metadata
    /// says which they were.
    ///
    /// # Errors
    ///
    /// A tensor that cannot be read or whose dtype the format lacks, an entry that holds no tensor (`_extra_state`; see
    /// [`SaveOptions::tensors_only`]), or a file that cannot be written.
    pub fn save_safetensors(&self, path: impl AsRef<Path>) -> Result<()> {
        save::safetensors(self, path.as_ref(), &SaveOptions::default())
    }

    /// The entries with their names changed, and the paths of their modules with them.
    fn renamed(&self, rule: &Rule) -> Result<Self> {
        let mut renamed = Self { source: self.source.clone(), ..Self::default() };
        let mut versions = IndexMap::new();
        let mut seen = HashSet::new();
        for key in self.names() {
            let new = rule.apply(key);
            if !seen.insert(new.clone()) {
                let what = format!("another key is renamed to `{new}` too");
                return Err(Unsupported::new(what).key(key).into());
            }
            if let Some(version) = self.version(module_of(key)) {
                keep_newest(&mut versions, module_of(&new).to_owned(), version);
            }
            if let Some(entry) = self.entries.get(key) {
                renamed.entries.insert(new.clone(), entry.renamed(&new, |key| rule.apply(key)));
            } else if let Some(reason) = self.unreadable.get(key) {
                renamed.unreadable.insert(new, reason.clone());
            } else if let Some(value) = self.other.get(key) {
                renamed.other.insert(new, value.clone());
            }
        }
        for (path, version) in self.versions.iter().flatten() {
            if let Some(path) = rule.apply_to_module(path) {
                keep_newest(&mut versions, path, *version);
            }
        }
        renamed.versions = self.versions.as_ref().map(|_| versions);
        Ok(renamed)
    }
}

/// Gives a module a version, the newest where two modules become one.
fn keep_newest(versions: &mut IndexMap<String, u64>, path: String, version: u64) {
    let newest = versions.entry(path).or_insert(version);
    *newest = version.max(*newest);
}
