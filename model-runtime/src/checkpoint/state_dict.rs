//! The state dict in a checkpoint: where it is, and what it holds.

mod hooks;
mod modules;

use std::sync::Arc;

use super::error::{CheckpointError, Result};
use super::format::Format;
use super::negated;
use super::path::names;
use super::scripted::Scripted;
use super::tensor::TensorInfo;
use super::value::{Dict, Opaque, Value};
use crate::hash::set_of;
use modules::is_module;

/// The key of an entry that a module saves for itself, whatever it is.
const EXTRA_STATE: &str = "_extra_state";
/// The attribute of a state dict with the versions of the modules.
const METADATA: &str = "_metadata";
/// Candidates that are listed in a message.
const LISTED: usize = 8;

/// The state dict of a module as it stands in the file.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RawStateDict {
    /// Where it was found below the entry that was searched: `model`, `ema.model`, empty for the entry itself.
    pub path: String,
    /// Keys and tensors, in the order of the file.
    pub entries: Vec<(String, RawEntry)>,
    /// The version of each module by its prefix, from `_metadata`; `None` if the dict has lost it.
    pub metadata: Option<Vec<(String, u64)>>,
    /// The entries that hold no tensor, such as `_extra_state`.
    pub other: Vec<(String, Value)>,
}

/// One entry of a state dict.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RawEntry {
    /// A tensor that can be read.
    Tensor(Arc<TensorInfo>),
    /// A tensor that cannot be read.
    Unreadable {
        /// Why.
        reason: String,
    },
}

/// What could be the state dict or has one, and its keys from the root.
struct Candidate<'a> {
    path: String,
    holder: Holder<'a>,
}

#[derive(Clone, Copy)]
enum Holder<'a> {
    Dict(&'a Arc<Dict>),
    /// A whole module that was pickled.
    Module(&'a Arc<Opaque>),
}

/// The state dict at `root`, or the only one up to two levels below.
pub(super) fn find(root: &Value, format: Format, table: &Scripted) -> Result<RawStateDict> {
    match root {
        Value::Opaque(object) if format == Format::TorchScript => {
            return collect(String::new(), modules::scripted(object, table)?.entries, None);
        }
        Value::Opaque(object) if is_module(object) => return of_module(String::new(), object),
        Value::Opaque(object) => return Err(unknown_object(object)),
        _ => {}
    }
    let Value::Dict(dict) = root else {
        return Err(CheckpointError::not_found("this is no state dict").expected("a dict of tensors").got(root));
    };
    if dict.is_empty() || is_state_dict(dict) || matches!(format, Format::Safetensors | Format::Sharded) {
        return of_dict(String::new(), dict);
    }
    let level = candidates("", dict);
    let level = if level.is_empty() {
        dicts("", dict).flat_map(|(path, dict)| candidates(&path, dict)).collect()
    } else {
        level
    };
    choose(root, level)
}

fn choose(root: &Value, candidates: Vec<Candidate<'_>>) -> Result<RawStateDict> {
    let Some(first) = candidates.first() else { return Err(none(root)) };
    // `{"model": d, "ema": d}`: one dict under two names is no choice.
    if candidates.iter().all(|other| first.holder.is(other.holder)) {
        return match first.holder {
            Holder::Dict(dict) => of_dict(first.path.clone(), dict),
            Holder::Module(module) => of_module(first.path.clone(), module),
        };
    }
    let size = |candidate: &Candidate<'_>| match candidate.holder {
        Holder::Dict(dict) => format!("`{}` ({} entries)", candidate.path, dict.len()),
        Holder::Module(module) => format!("`{}` (a whole `{}`)", candidate.path, module.global()),
    };
    let listed = candidates.iter().take(LISTED).map(size).collect::<Vec<_>>().join(", ");
    Err(CheckpointError::not_found("there is more than one state dict")
        .got(listed)
        .fix(format_args!("choose one with `checkpoint.get(\"{}\")?`", first.path)))
}

impl Holder<'_> {
    fn is(self, other: Holder<'_>) -> bool {
        match (self, other) {
            (Holder::Dict(one), Holder::Dict(other)) => Arc::ptr_eq(one, other),
            (Holder::Module(one), Holder::Module(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

fn none(root: &Value) -> CheckpointError {
    let there = names(root).iter().take(LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let error = CheckpointError::not_found("there is no state dict").expected("a dict of string keys and tensors");
    error.got(format_args!("entries {there}")).fix("choose one with `checkpoint.get(\"...\")?`")
}

fn unknown_object(object: &Opaque) -> CheckpointError {
    let what = format_args!("the file holds an object of class `{}`, not a state dict", object.global()).to_string();
    CheckpointError::not_found(what).fix("load it in Python and save `model.state_dict()` instead")
}

/// String keys, tensors in most entries, and no container with tensors of its own: a general checkpoint has those.
fn is_state_dict(dict: &Dict) -> bool {
    let mut tensors = 0usize;
    let mut others = 0usize;
    for (key, value) in dict.iter() {
        let Some(key) = key.as_str() else { return false };
        match value {
            Value::Tensor(_) | Value::Unreadable(_) => tensors = tensors.saturating_add(1),
            _ if is_extra_state(key) => {}
            Value::Opaque(object) if !is_module(object) && value.holds_tensor() => tensors = tensors.saturating_add(1),
            other if other.holds_tensor() => return false,
            _ => others = others.saturating_add(1),
        }
    }
    tensors > 0 && others <= tensors
}

fn is_extra_state(key: &str) -> bool {
    key.rsplit('.').next() == Some(EXTRA_STATE)
}

/// The dicts among the entries of `dict`, with their paths.
fn dicts<'a>(path: &str, dict: &'a Dict) -> impl Iterator<Item = (String, &'a Arc<Dict>)> {
    dict.iter().filter_map(move |(key, value)| match (key.as_str(), value) {
        (Some(key), Value::Dict(dict)) => Some((join(path, key), dict)),
        _ => None,
    })
}

/// State dicts and modules among the entries of `dict`; where there is a state dict, a module beside it is no choice.
fn candidates<'a>(path: &str, dict: &'a Dict) -> Vec<Candidate<'a>> {
    let found = dicts(path, dict).filter(|(_, dict)| is_state_dict(dict));
    let found: Vec<_> = found.map(|(path, dict)| Candidate { path, holder: Holder::Dict(dict) }).collect();
    if !found.is_empty() {
        return found;
    }
    let module = |(key, value): (&'a Value, &'a Value)| match (key.as_str(), value) {
        (Some(key), Value::Opaque(object)) if is_module(object) => {
            Some(Candidate { path: join(path, key), holder: Holder::Module(object) })
        }
        _ => None,
    };
    dict.iter().filter_map(module).collect()
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn of_dict(path: String, dict: &Dict) -> Result<RawStateDict> {
    let entries = dict.iter().map(|(key, value)| (key.as_str().map_or_else(|| key.to_string(), str::to_owned), value));
    collect(path, entries, dict.attributes().and_then(|attributes| attributes.get(METADATA)))
}

fn of_module(path: String, module: &Opaque) -> Result<RawStateDict> {
    let modules::State { entries, versions, .. } = modules::pickled(module)?;
    collect(path, entries, None).map(|state| RawStateDict { metadata: Some(versions), ..state })
}

/// Sorts the entries into tensors, unreadable tensors and others.
fn collect<'a>(
    path: String,
    all: impl IntoIterator<Item = (String, &'a Value)>,
    metadata: Option<&Value>,
) -> Result<RawStateDict> {
    let all = all.into_iter();
    let (mut entries, mut other) = (Vec::with_capacity(all.size_hint().0), Vec::new());
    for (key, value) in all {
        match entry(&key, value) {
            Some(entry) => entries.push((key, entry)),
            None => other.push((key, value.clone())),
        }
    }
    let mut seen = set_of(entries.len());
    let mut keys = entries.iter().map(|(key, _)| key).chain(other.iter().map(|(key, _)| key));
    if let Some(key) = keys.find(|key| !seen.insert(key.as_str())) {
        let error = CheckpointError::damaged("two entries of the state dict have one name");
        return Err(error.got(format_args!("`{key}`")));
    }
    Ok(RawStateDict { path, entries, metadata: metadata.and_then(versions), other })
}

fn entry(key: &str, value: &Value) -> Option<RawEntry> {
    match value {
        Value::Tensor(tensor) if tensor.is_meta() => Some(RawEntry::Unreadable {
            reason: format!(
                "a tensor on the meta device, which has no data ({} of shape {:?})",
                tensor.dtype(),
                tensor.shape()
            ),
        }),
        Value::Tensor(tensor) => Some(RawEntry::Tensor(Arc::clone(tensor))),
        Value::Unreadable(reason) => Some(RawEntry::Unreadable { reason: reason.to_string() }),
        Value::Opaque(object) if let Some(resolved) = negated::resolve(object) => Some(match resolved {
            Ok(tensor) => RawEntry::Tensor(tensor),
            Err(error) => RawEntry::Unreadable { reason: error.reason() },
        }),
        Value::Opaque(object) if let Some(reason) = object.unreadable() => {
            Some(RawEntry::Unreadable { reason: reason.to_owned() })
        }
        _ if is_extra_state(key) => None,
        Value::Opaque(object) if value.holds_tensor() => {
            let reason = format!("a tensor inside an object of class `{}`, which is not known", object.global());
            Some(RawEntry::Unreadable { reason })
        }
        other if other.holds_tensor() => {
            Some(RawEntry::Unreadable { reason: format!("tensors inside a {}", other.type_name()) })
        }
        _ => None,
    }
}

/// `{"fc": {"version": 1}}`; a module without a version has none.
fn versions(metadata: &Value) -> Option<Vec<(String, u64)>> {
    let version = |(prefix, local): (&Value, &Value)| {
        let version = local.get("version")?.as_int().and_then(|version| u64::try_from(version).ok())?;
        Some((prefix.as_str()?.to_owned(), version))
    };
    Some(metadata.as_dict()?.iter().filter_map(version).collect())
}

#[cfg(test)]
mod tests;
