//! From a state dict to its [`Manifest`], and the comparison of a model with one.

use super::compare::compare;
use super::load::{in_file, wanted};
use super::{Entry, LoadOptions, LoadReport, StateDict};
use crate::checkpoint::{Checkpoint, Value};
use crate::device::Meta;
use crate::error::Result;
use crate::manifest::{Described, Manifest};
use crate::module::{Module, short_name};

impl StateDict {
    /// The keys, dtypes and shapes, to be written to a file that `#[module(manifest = "...")]` names.
    ///
    /// What the load of a model renames is renamed before: `state.strip_prefix("module.")?.manifest()`.
    pub fn manifest(&self) -> Manifest {
        let tensors = self
            .entries
            .iter()
            .map(|(key, entry)| (key.clone(), Described::Tensor(entry.dtype(), entry.shape().to_vec())));
        let unreadable = self.unreadable.keys().map(|key| (key.clone(), Described::Unreadable));
        let other = self.other.keys().map(|key| (key.clone(), Described::Other));
        let file_name = |source: &str| source.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        Manifest {
            entries: tensors.chain(unreadable).chain(other).collect(),
            source: self.source.as_deref().map(file_name),
        }
    }

    /// A state dict with the keys of a manifest and nothing to read.
    fn of_manifest(manifest: &Manifest) -> Self {
        let mut state = Self { source: manifest.source.as_deref().map(Into::into), ..Self::default() };
        for (key, described) in &manifest.entries {
            match described {
                Described::Tensor(dtype, shape) => {
                    state.entries.insert(key.clone(), Entry::described(key, *dtype, shape));
                }
                Described::Unreadable => {
                    state.unreadable.insert(key.clone(), "the manifest says so".to_owned());
                }
                Described::Other => drop(state.other.insert(key.clone(), Value::None)),
            }
        }
        state
    }
}

impl Checkpoint {
    /// The manifest of the [state dict](Self::state_dict) in this checkpoint.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/digits/digits.pt");
    /// let manifest = Checkpoint::open(path)?.manifest()?;
    /// assert!(manifest.to_string().contains("\nconv1.weight float32 [16, 1, 3, 3]\n"));
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`state_dict`](Self::state_dict).
    pub fn manifest(&self) -> Result<Manifest> {
        Ok(self.state_dict()?.manifest())
    }
}

/// Compares a model with a manifest as a load would.
pub(crate) fn check<M: Module>(module: &M, manifest: &Manifest) -> Result<LoadReport> {
    let state = StateDict::of_manifest(manifest);
    let options = LoadOptions::default();
    let (wanted, _) = in_file(wanted::<M, Meta>(module)?, &state, &options)?;
    let (report, _) = compare(short_name::<M>(), &wanted, &state, &options);
    Ok(report)
}
