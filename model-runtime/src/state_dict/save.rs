//! Writing a state dict to a file.

use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;

use super::entry::Data;
use super::model::FIRST_VERSION;
use super::{Entry, StateDict};
use crate::checkpoint::replace::Failure;
use crate::checkpoint::safetensors::{self, Tensors};
use crate::checkpoint::save::write_value;
use crate::checkpoint::{CheckpointError, Dict, DictKind, SaveOptions, Storage, TensorInfo, Value, bridge};
use crate::device::Compute;
use crate::error::{Error, Result, Unsupported};
use crate::tensor::Tensor;

/// Writes in the format that the extension names.
pub(super) fn by_extension(state: &StateDict, path: &Path, options: &SaveOptions) -> Result<()> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("safetensors") => safetensors(state, path, options),
        Some("pt" | "pth" | "bin" | "ckpt") => torch(state, path, options),
        _ => Err(Unsupported::new("cannot tell the format to write from the file name")
            .file(path)
            .expected("the extension `.safetensors`, `.pt`, `.pth`, `.bin` or `.ckpt`")
            .fix("or call `save_torch` or `save_safetensors`")
            .into()),
    }
}

/// Writes PyTorch's zip format.
pub(super) fn torch(state: &StateDict, path: &Path, options: &SaveOptions) -> Result<()> {
    check_readable(state)?;
    write_value(&Value::from(state), path, options).map_err(|failure| error(failure, path))
}

/// Writes safetensors.
pub(super) fn safetensors(state: &StateDict, path: &Path, options: &SaveOptions) -> Result<()> {
    check_readable(state)?;
    let other = state.other.keys().map(String::as_str);
    safetensors::check_tensors_only(other, options).map_err(|error| error.in_file(path.display()))?;
    // Of the names of one tensor the first is written, and that is to be the one that the others are tied to.
    let (tied, own): (Vec<_>, Vec<_>) = state.iter().partition(|(_, entry)| entry.tied().is_some());
    let tensors = own.into_iter().chain(tied);
    let tensors = tensors.map(|(key, entry)| Ok((key.to_owned(), Arc::new(entry.tensor_info()?))));
    let tensors: Tensors = tensors.collect::<Result<_>>()?;
    safetensors::write(&tensors, &[], path, options.max_shard_size).map_err(|failure| error(failure, path))
}

fn error(failure: Failure, path: &Path) -> Error {
    match failure {
        Failure::Io(source) => Error::Write { path: path.to_owned(), source },
        Failure::Content(error) => error.into(),
    }
}

/// Saving what is left of a file that could not be read completely would lose the rest.
fn check_readable(state: &StateDict) -> Result<()> {
    match state.unreadable().next() {
        None => Ok(()),
        Some((key, reason)) => {
            Err(CheckpointError::unsupported(format_args!("cannot be saved: {reason}")).at(key).into())
        }
    }
}

impl Entry {
    /// The tensor as checkpoints describe one, on the device that the entry is on.
    fn tensor_info(&self) -> Result<TensorInfo> {
        let tensor = match self.data() {
            Data::File(tensor) => TensorInfo::clone(tensor),
            Data::Memory(tensor, _) => bridge::tensor_info(tensor, false).map_err(|error| error.at(self.key()))?,
            Data::Described(..) => return Err(Error::NoData { key: self.key().to_owned() }),
        };
        let location = self.location();
        if tensor.location() == location {
            return Ok(tensor);
        }
        let storage: Arc<Storage> = Arc::new(tensor.storage().relocated(location.into()));
        Ok(tensor.relocated(storage))
    }
}

/// An `OrderedDict` of tensors with PyTorch's `_metadata`; a plain dict if the state dict has no versions, as one from
/// safetensors. What a file's state dict holds beside tensors (`_extra_state`) comes after them. Nothing is read or copied.
///
/// A tensor that cannot be read becomes [`Value::Unreadable`], which saving refuses by its key.
impl From<&StateDict> for Value {
    fn from(state: &StateDict) -> Self {
        let tensor = |entry: &Entry| entry.tensor_info().map_err(|error| error.to_string());
        let readable = state.iter().map(|(key, entry)| (key, into_value(tensor(entry))));
        let unreadable = state.unreadable().map(|(key, reason)| (key, Self::Unreadable(reason.into())));
        let other = state.other.iter().map(|(key, value)| (key.as_str(), value.clone()));
        let entries = readable.chain(unreadable).chain(other);
        match &state.versions {
            None => Self::dict(entries),
            Some(versions) => {
                let attributes = Self::dict([("_metadata", metadata(versions))]);
                let mut dict = Dict::default().with_kind(DictKind::Ordered).with_attributes(Some(attributes));
                // String keys are always hashable.
                entries.for_each(|(key, value)| drop(dict.insert(key, value)));
                dict.into()
            }
        }
    }
}

/// As [`From<&StateDict>`](#impl-From%3C%26StateDict%3E-for-Value).
impl From<StateDict> for Value {
    fn from(state: StateDict) -> Self {
        Self::from(&state)
    }
}

/// The tensor where it is, without a copy of its data. A dtype that no file has becomes [`Value::Unreadable`], which
/// saving refuses.
impl<D: Compute> From<&Tensor<D>> for Value {
    fn from(tensor: &Tensor<D>) -> Self {
        let requires_grad = tensor.as_candle().is_variable();
        into_value(bridge::tensor_info(tensor.as_candle(), requires_grad).map_err(|error| error.to_string()))
    }
}

fn into_value(tensor: Result<TensorInfo, String>) -> Value {
    tensor.map_or_else(|reason| Value::Unreadable(reason.into()), |tensor| Value::Tensor(Arc::new(tensor)))
}

/// `OrderedDict({"": {"version": 1}, "fc": {"version": 1}})`: every module on the way to a tensor has an entry.
fn metadata(versions: &IndexMap<String, u64>) -> Value {
    let mut complete = IndexMap::new();
    for (path, version) in versions {
        let ends = path.match_indices('.').map(|(at, _)| at);
        let outer = ends.filter_map(|end| path.get(..end));
        for outer in [""].into_iter().chain(outer) {
            let version = versions.get(outer).copied().unwrap_or(FIRST_VERSION);
            complete.entry(outer.to_owned()).or_insert(version);
        }
        complete.entry(path.clone()).or_insert(*version);
    }
    // One string for all, as the name of a keyword argument is in Python.
    let name = Value::from("version");
    Value::ordered_dict(complete.into_iter().map(|(path, version)| (path, Value::dict([(name.clone(), version)]))))
}
