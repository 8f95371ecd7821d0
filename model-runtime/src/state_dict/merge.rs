//! [`StateDict::merge`]: one state dict of several.

use indexmap::IndexMap;

use super::{StateDict, keep_newest};
use crate::error::{Error, Result, Unsupported};

/// How many keys the error names.
const MAX_NAMED: usize = 5;

impl StateDict {
    /// The entries of both, in their order: the parts of a model that were saved to several files.
    ///
    /// Of a key that both have none wins: take one away with [`filter`](Self::filter), or put a prefix before one with
    /// [`add_prefix`](Self::add_prefix). PyTorch users write `{**a, **b}`, where the second one wins without a word.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let encoder = Linear::new(4, 2).init(Cpu)?.state_dict()?.add_prefix("encoder")?;
    /// let decoder = Linear::new(2, 4).init(Cpu)?.state_dict()?.add_prefix("decoder")?;
    /// let both = encoder.merge(&decoder)?;
    /// assert_eq!(both.keys().collect::<Vec<_>>(), ["encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias"]);
    ///
    /// let error = encoder.merge(&encoder).unwrap_err().to_string();
    /// assert!(error.contains("`encoder.weight`, `encoder.bias`"));
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Keys that both have; the error names them and both sources.
    pub fn merge(&self, other: &Self) -> Result<Self> {
        let twice: Vec<_> = other.names().filter(|key| self.has(key)).collect();
        if !twice.is_empty() {
            return Err(self.duplicates(other, &twice));
        }
        let mut merged = self.clone();
        merged.entries.extend(other.entries.clone());
        merged.unreadable.extend(other.unreadable.clone());
        merged.other.extend(other.other.clone());
        for (path, version) in other.versions.iter().flatten() {
            keep_newest(merged.versions.get_or_insert_with(IndexMap::new), path.clone(), *version);
        }
        merged.source = match (&self.source, &other.source) {
            (Some(source), Some(other)) => Some(format!("{source} and {other}").into()),
            (source, other) => source.clone().or_else(|| other.clone()),
        };
        Ok(merged)
    }

    /// All names: of tensors, of those that cannot be read, and of what is no tensor.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.entries.keys().chain(self.unreadable.keys()).chain(self.other.keys()).map(String::as_str)
    }

    fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key) || self.unreadable.contains_key(key) || self.other.contains_key(key)
    }

    fn duplicates(&self, other: &Self, twice: &[&str]) -> Error {
        let names: Vec<_> = twice.iter().take(MAX_NAMED).map(|key| format!("`{key}`")).collect();
        let more = match twice.len().saturating_sub(MAX_NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let of = |state: &Self| state.source.as_deref().unwrap_or("a state dict in memory").to_owned();
        let what = format!("merge: both {} and {} have {}{more}", of(self), of(other), names.join(", "));
        let fix = "take them from one with `filter`, or tell them apart with `add_prefix`";
        Unsupported::new(what).fix(fix).into()
    }
}
