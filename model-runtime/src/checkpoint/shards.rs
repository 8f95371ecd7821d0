//! Checkpoints in several files: an index that names the shard of every key (`*.index.json`).

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::error::{CheckpointError, Result};
use super::format::{Format, Parts};
use super::globals::join;
use super::source::Source;
use super::string_map::StringMap;
use super::value::{Dict, Value};

/// The file that `transformers` and others write beside the shards. Its `metadata` is a size that nothing needs.
#[derive(Deserialize)]
struct Index {
    weight_map: Option<StringMap>,
}

/// A shard, and how many of its entries the index names.
struct Shard {
    name: String,
    root: Arc<Dict>,
    named: usize,
}

/// Reads the index and the structure of its shards; `open` reads one, with storages numbered from its second argument.
pub(super) fn open(source: &Source, open: impl Fn(Source, usize) -> Result<Parts>) -> Result<Parts> {
    let weight_map = read_index(source)?;
    let folder = source.path().and_then(Path::parent);
    let in_memory = || CheckpointError::unsupported("an index in memory, which has no folder to find its shards in");
    let folder = folder.ok_or_else(|| in_memory().fix("open it by its path"))?;
    let mut shards: Vec<Shard> = Vec::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    let (mut storages, mut globals) = (Vec::new(), Vec::new());
    let mut entries = Vec::with_capacity(weight_map.len());
    for (key, name) in weight_map {
        let at = match by_name.get(&name) {
            Some(at) => *at,
            None => {
                check_name(&name).map_err(|error| error.at(format_args!("key `{key}`")))?;
                let parts = source.sibling(&folder.join(&name));
                let parts = parts.and_then(|shard| open(shard, storages.len()));
                let parts = parts.map_err(|error| error.at(format_args!("a shard of {}", source.name())))?;
                storages.extend(parts.storages);
                join(&mut globals, parts.globals);
                shards.push(Shard { root: root(parts.root, &name)?, name: name.clone(), named: 0 });
                by_name.insert(name, shards.len().saturating_sub(1));
                shards.len().saturating_sub(1)
            }
        };
        let value = shards.get_mut(at).map(|shard| shard.take(&key)).transpose()?.unwrap_or_default();
        entries.push((Value::Str(key.into()), value));
    }
    shards.iter().try_for_each(Shard::check_all_named)?;
    let root = Dict::from_entries(entries).map_err(|_| CheckpointError::damaged("a key is no string"))?;
    Ok(Parts { globals, ..Parts::new(Format::Sharded, Value::Dict(Arc::new(root)), storages) })
}

/// Keys and names of shards, in the order of the index.
fn read_index(source: &Source) -> Result<Vec<(String, String)>> {
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
    let parsed: Result<Index, _> = serde_json::from_slice(&text);
    match parsed {
        Ok(Index { weight_map: Some(map) }) => Ok(map.0),
        Ok(Index { weight_map: None }) => {
            Err(no_index().expected("a `weight_map`").fix("name the file with the tensors"))
        }
        Err(error) => Err(no_index().got(error).fix("name the file with the tensors")),
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
