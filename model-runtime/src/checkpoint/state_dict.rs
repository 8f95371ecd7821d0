//! The state dict in a checkpoint: where it is, and what it holds.

use std::collections::HashSet;
use std::sync::Arc;

use super::error::{CheckpointError, Result};
use super::format::Format;
use super::path::names;
use super::tensor::TensorInfo;
use super::value::{Dict, Opaque, Value};

/// The key of an entry that a module saves for itself, whatever it is.
const EXTRA_STATE: &str = "_extra_state";
/// The attribute of a state dict with the versions of the modules.
const METADATA: &str = "_metadata";
/// Bytes of a key that is made of the names of nested modules.
const MAX_KEY: usize = 64 << 10;
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
    /// The keys of entries that hold no tensor, such as `_extra_state`.
    pub other: Vec<String>,
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

/// A dict that could be the state dict, and its keys from the root.
struct Candidate<'a> {
    path: String,
    dict: &'a Arc<Dict>,
}

/// The state dict at `root`, or the only one up to two levels below.
pub(super) fn find(root: &Value, format: Format) -> Result<RawStateDict> {
    if let (Format::TorchScript, Value::Opaque(object)) = (format, root) {
        return collect(String::new(), scripted(object)?, None);
    }
    if let Value::Opaque(object) = root {
        return Err(whole_object(object, ""));
    }
    let Value::Dict(dict) = root else {
        return Err(CheckpointError::not_found("this is no state dict").expected("a dict of tensors").got(root));
    };
    if dict.is_empty() || is_state_dict(dict) || matches!(format, Format::Safetensors | Format::Sharded) {
        return of_dict(String::new(), dict);
    }
    let level = candidates("", dict);
    let level = if level.is_empty() {
        dicts("", dict).flat_map(|outer| candidates(&outer.path, outer.dict)).collect()
    } else {
        level
    };
    choose(root, level)
}

fn choose(root: &Value, candidates: Vec<Candidate<'_>>) -> Result<RawStateDict> {
    let Some(first) = candidates.first() else { return Err(none(root)) };
    // `{"model": d, "ema": d}`: one dict under two names is no choice.
    if candidates.iter().all(|other| Arc::ptr_eq(first.dict, other.dict)) {
        return of_dict(first.path.clone(), first.dict);
    }
    let size = |candidate: &Candidate<'_>| format!("`{}` ({} entries)", candidate.path, candidate.dict.len());
    let listed = candidates.iter().take(LISTED).map(size).collect::<Vec<_>>().join(", ");
    Err(CheckpointError::not_found("there is more than one state dict")
        .got(listed)
        .fix(format_args!("choose one with `checkpoint.get(\"{}\")?`", first.path)))
}

fn none(root: &Value) -> CheckpointError {
    let object = root.as_dict().into_iter().flat_map(Dict::iter).find_map(|(key, value)| match value {
        Value::Opaque(object) if is_module(object) => Some(whole_object(object, key.as_str().unwrap_or_default())),
        _ => None,
    });
    object.unwrap_or_else(|| {
        let there = names(root).iter().take(LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let error = CheckpointError::not_found("there is no state dict").expected("a dict of string keys and tensors");
        error.got(format_args!("entries {there}")).fix("choose one with `checkpoint.get(\"...\")?`")
    })
}

/// `torch.save(model, path)` instead of `torch.save(model.state_dict(), path)`.
fn whole_object(object: &Opaque, key: &str) -> CheckpointError {
    let place = if key.is_empty() { "the file".to_owned() } else { format!("`{key}`") };
    let what = if is_module(object) { "a whole nn.Module" } else { "an object of class" };
    CheckpointError::not_found(format_args!("{place} holds {what} `{}`, not a state dict", object.global()))
        .fix("load it in Python and save `model.state_dict()` instead")
}

fn is_module(object: &Opaque) -> bool {
    object.attribute("_parameters").is_some() && object.attribute("_modules").is_some()
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

/// The dicts among the entries of `dict`.
fn dicts<'a>(path: &str, dict: &'a Dict) -> impl Iterator<Item = Candidate<'a>> {
    dict.iter().filter_map(move |(key, value)| match (key.as_str(), value) {
        (Some(key), Value::Dict(dict)) => Some(Candidate { path: join(path, key), dict }),
        _ => None,
    })
}

fn candidates<'a>(path: &str, dict: &'a Dict) -> Vec<Candidate<'a>> {
    dicts(path, dict).filter(|candidate| is_state_dict(candidate.dict)).collect()
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn of_dict(path: String, dict: &Dict) -> Result<RawStateDict> {
    let entries = dict.iter().map(|(key, value)| (key.as_str().map_or_else(|| key.to_string(), str::to_owned), value));
    collect(path, entries, dict.attributes().and_then(|attributes| attributes.get(METADATA)))
}

/// Sorts the entries into tensors, unreadable tensors and others.
fn collect<'a>(
    path: String,
    all: impl IntoIterator<Item = (String, &'a Value)>,
    metadata: Option<&Value>,
) -> Result<RawStateDict> {
    let (mut entries, mut other, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for (key, value) in all {
        if !seen.insert(key.clone()) {
            return Err(
                CheckpointError::damaged("two entries of the state dict have one name").got(format_args!("`{key}`"))
            );
        }
        match entry(&key, value) {
            Some(entry) => entries.push((key, entry)),
            None => other.push(key),
        }
    }
    Ok(RawStateDict { path, entries, metadata: metadata.and_then(versions), other })
}

fn entry(key: &str, value: &Value) -> Option<RawEntry> {
    match value {
        Value::Tensor(tensor) => Some(RawEntry::Tensor(Arc::clone(tensor))),
        Value::Unreadable(reason) => Some(RawEntry::Unreadable { reason: reason.to_string() }),
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

/// The tensors among the attributes of a scripted module and its submodules, in the order of the file. Attributes
/// that hold no tensor are what the code needs, not the state.
fn scripted(module: &Opaque) -> Result<Vec<(String, &Value)>> {
    let mut found = Vec::new();
    let mut pending = attributes("", module);
    while let Some((key, value)) = pending.pop() {
        if key.len() > MAX_KEY {
            return Err(CheckpointError::damaged("the name of an attribute is too long")
                .got(format_args!("{} bytes", key.len())));
        }
        match value {
            Value::Opaque(inner) if inner.state().as_dict().is_some() => pending.extend(attributes(&key, inner)),
            value if value.holds_tensor() => found.push((key, value)),
            _ => {}
        }
    }
    Ok(found)
}

/// The attributes of `module`, the last one first, as a stack wants them.
fn attributes<'a>(prefix: &str, module: &'a Opaque) -> Vec<(String, &'a Value)> {
    let entries = module.state().as_dict().into_iter().flat_map(Dict::iter);
    let mut named: Vec<_> = entries.filter_map(|(key, value)| Some((join(prefix, key.as_str()?), value))).collect();
    named.reverse();
    named
}

#[cfg(test)]
mod tests;
