//! Checkpoints in several files: an index that names the shard of every key (`*.index.json`).

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::error::{CheckpointError, Result};
use super::format::{Format, Parts};
use super::globals::Names;
use super::safetensors::SET_KEY;
use super::source::Source;
use super::string_map::StringMap;
use super::value::{Dict, Value};

/// What the name of an index ends in.
pub(super) const INDEX_SUFFIX: &str = ".index.json";
/// How often an index is read again that another process seems to replace.
const ATTEMPTS: usize = 10;

/// The file that `transformers` and others write beside the shards.
#[derive(Deserialize)]
struct File {
    weight_map: Option<StringMap>,
}

/// The part of the same file that only this crate writes.
#[derive(Deserialize)]
struct Described {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    model_runtime_set: String,
}

/// What an index says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Index {
    /// Keys and names of shards, in the order of the index.
    pub(super) weight_map: Vec<(String, String)>,
    /// What all shards of the set have in their metadata, if this crate wrote it.
    pub(super) id: Option<String>,
}

/// A shard, and how many of its entries the index names.
struct Shard {
    name: String,
    root: Arc<Dict>,
    named: usize,
}

/// Reads the index and the structure of its shards; `open` reads one, with storages numbered from its second argument.
///
/// A save of the same model can be at work: it replaces the index and then removes the old shards. So an index whose
/// shards are not there is read again, until it stays the same.
pub(super) fn open(source: &Source, open: impl Fn(Source, usize) -> Result<Parts>) -> Result<Parts> {
    let mut index = read_index(source)?;
    let mut is_same = false;
    for _ in 1..ATTEMPTS {
        let error = match open_all(source, &index, &open) {
            Ok(parts) => return Ok(parts),
            Err(error) => error,
        };
        let again = source.path().and_then(|path| read_index(&source.sibling(path).ok()?).ok());
        match again {
            // The usual names go away and come back: what is the same index can be that of a later save.
            Some(again) if again != index || !is_same => {
                is_same = again == index;
                index = again;
            }
            _ => return Err(error),
        }
    }
    open_all(source, &index, &open)
}

fn open_all(source: &Source, index: &Index, open: impl Fn(Source, usize) -> Result<Parts>) -> Result<Parts> {
    let folder = source.path().and_then(Path::parent);
    let in_memory = || CheckpointError::unsupported("an index in memory, which has no folder to find its shards in");
    let folder = folder.ok_or_else(|| in_memory().fix("open it by its path"))?;
    let mut shards: Vec<Shard> = Vec::new();
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    let (mut storages, mut globals) = (Vec::new(), Names::default());
    let mut entries = Vec::with_capacity(index.weight_map.len());
    for (key, name) in &index.weight_map {
        let at = match by_name.get(name.as_str()) {
            Some(at) => *at,
            None => {
                check_name(name).map_err(|error| error.at(format_args!("key `{key}`")))?;
                let parts = source.sibling(&folder.join(name));
                let parts = parts.and_then(|shard| open(shard, storages.len()));
                let parts = parts.and_then(|parts| index.check_id(parts, name));
                let parts = parts.map_err(|error| error.at(format_args!("a shard of {}", source.name())))?;
                storages.extend(parts.storages);
                globals.add(parts.globals);
                shards.push(Shard { root: root(parts.root, name)?, name: name.clone(), named: 0 });
                by_name.insert(name, shards.len().saturating_sub(1));
                shards.len().saturating_sub(1)
            }
        };
        let value = shards.get_mut(at).map(|shard| shard.take(key)).transpose()?.unwrap_or_default();
        entries.push((Value::Str(key.as_str().into()), value));
    }
    shards.iter().try_for_each(Shard::check_all_named)?;
    let root = Dict::from_entries(entries).map_err(|_| CheckpointError::damaged("a key is no string"))?;
    Ok(Parts { globals: globals.into_vec(), ..Parts::new(Format::Sharded, Value::Dict(Arc::new(root)), storages) })
}

/// Reads the index itself.
pub(super) fn read_index(source: &Source) -> Result<Index> {
    let limit = source.limits().safetensors_header_bytes;
    if source.len() > limit {
        return Err(CheckpointError::limit(
            "the JSON text is too long",
            "safetensors_header_bytes",
            limit,
            source.len(),
        ));
    }
    let text = source.read_vec(0, source.len())?;
    let no_index = || CheckpointError::not_a_checkpoint("this is JSON text, but no index of shards");
    let parsed: Result<File, _> = serde_json::from_slice(&text);
    match parsed {
        Ok(File { weight_map: Some(map) }) => {
            let described = serde_json::from_slice(&text);
            let id = described.ok().map(|Described { metadata }| metadata.model_runtime_set);
            Ok(Index { weight_map: map.0, id })
        }
        Ok(File { weight_map: None }) => {
            Err(no_index().expected("a `weight_map`").fix("name the file with the tensors"))
        }
        Err(error) => Err(no_index().got(error).fix("name the file with the tensors")),
    }
}

impl Index {
    /// Refuses a shard of another save than the index.
    fn check_id(&self, parts: Parts, name: &str) -> Result<Parts> {
        let found = parts.metadata.iter().find(|(key, _)| key == SET_KEY).map(|(_, id)| id);
        let text = |id: Option<&String>| id.map_or_else(|| "none".to_owned(), |id| format!("`{id}`"));
        // What another library wrote has none, and so have shards that it put under an index of its own.
        if self.id.is_none() || found == self.id.as_ref() {
            return Ok(parts);
        }
        let error = CheckpointError::damaged(format_args!("the shard `{name}` is of another save than the index"));
        let error = error.expected(format_args!("`{SET_KEY}` {}", text(self.id.as_ref())));
        Err(error.got(text(found)).fix("copy or download all files of one save"))
    }
}

/// A shard lies beside the file that names it.
pub(super) fn check_name(name: &str) -> Result<()> {
    let plain = !name.contains(['/', '\\', ':', '\0']) && !matches!(name, "" | "." | "..");
    let refused = || {
        CheckpointError::damaged("the shard is not a file beside the one that names it").got(format_args!("`{name}`"))
    };
    if plain { Ok(()) } else { Err(refused()) }
}

fn root(root: Value, name: &str) -> Result<Arc<Dict>> {
    match root {
        Value::Dict(dict) => Ok(dict),
        other => {
            Err(CheckpointError::damaged("the shard holds no dict").got(other.type_name()).at(format_args!("`{name}`")))
        }
    }
}

impl Shard {
    fn take(&mut self, key: &str) -> Result<Value> {
        let missing = || {
            CheckpointError::damaged(format_args!("its shard `{}` does not hold it", self.name))
                .fix("the shards may be of different versions; download all of them again")
        };
        let value = self.root.get(key).ok_or_else(|| missing().at(format_args!("key `{key}`")))?;
        self.named = self.named.saturating_add(1);
        Ok(value.clone())
    }

    /// Some readers take every key of every shard, and others only those in the index.
    fn check_all_named(&self) -> Result<()> {
        if self.named == self.root.len() {
            return Ok(());
        }
        let error =
            CheckpointError::damaged(format_args!("the shard `{}` holds keys that the index does not name", self.name));
        Err(error.expected(format_args!("{} keys", self.named)).got(self.root.len()))
    }
}
