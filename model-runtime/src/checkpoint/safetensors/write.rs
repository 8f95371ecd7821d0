//! Writes safetensors: one file, or shards with an index as `transformers` writes them.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;

use super::id::{self, SET_KEY};
use super::new_file::{Layout, NewTensor};
use super::set::ShardSet;
use crate::checkpoint::counted::Counted;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::replace::{Failure, Replacement};
use crate::checkpoint::save::SaveOptions;
use crate::checkpoint::tensor::TensorInfo;
use crate::threads;

/// Where the metadata says what framework the tensors are for.
const FORMAT_KEY: &str = "format";
/// Keys that are listed in a message.
const LISTED: usize = 4;

/// The tensors of a state dict, in order.
pub(crate) type Tensors = IndexMap<String, Arc<TensorInfo>>;

/// Refuses to lose entries of a state dict that hold no tensor.
///
/// # Errors
///
/// There are some, and the options do not say to leave them out.
pub(crate) fn check_tensors_only<'a>(
    mut other: impl ExactSizeIterator<Item = &'a str>,
    options: &SaveOptions,
) -> Result<()> {
    let count = other.len();
    if options.tensors_only || count == 0 {
        return Ok(());
    }
    let named = other.by_ref().take(LISTED).map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    let more = count.saturating_sub(LISTED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    Err(CheckpointError::unsupported("safetensors holds tensors only")
        .got(format_args!("{named}{more}"))
        .fix("save it as `.pt`, or leave them out with `SaveOptions::new().tensors_only(true)`"))
}

/// Writes the tensors to `path`; over `max_shard` bytes to several files beside it, with an index.
///
/// A tensor that several names stand for is written once, under the first of them, and the metadata says of the others
/// what they are: `{"out.weight": "embedding.weight"}`, as `safetensors.torch.save_model` does. It cannot say so of a name
/// that means something else in the metadata: such a tensor is written again.
pub(crate) fn write(
    tensors: &Tensors,
    metadata: &[(String, String)],
    path: &Path,
    max_shard: Option<u64>,
) -> Result<(), Failure> {
    let (kept, aliases) = without_copies(tensors, |key| {
        key == FORMAT_KEY || key == SET_KEY || metadata.iter().any(|(name, _)| name == key)
    });
    let metadata: Vec<_> = metadata.iter().filter(|(key, _)| key != SET_KEY).cloned().collect();
    let shards = shards(&kept, max_shard);
    if let [shard] = shards.as_slice() {
        let metadata = described(&metadata, &aliases, shard);
        Replacement::write(path, |out| write_file(shard, &metadata, out).map(drop))?.put()?;
        return ShardSet::new(path).map_or(Ok(()), |set| set.replaced_by_one_file());
    }
    write_set(&shards, &metadata, &aliases, path)
}

/// Writes the shards and the index: see [`ShardSet`].
fn write_set(
    shards: &[Named<'_>],
    metadata: &[(String, String)],
    aliases: &[(&str, &str)],
    path: &Path,
) -> Result<(), Failure> {
    let set = ShardSet::new(path)?;
    // All are complete before the first gets its name. File systems write to several files at a time, and not to one.
    let write = |(at, shard): (usize, &Named<'_>)| {
        let mut metadata = described(metadata, aliases, shard);
        metadata.push((SET_KEY.to_owned(), id::UNKNOWN.to_owned()));
        let mut id = Id::default();
        let file = Replacement::write(&set.shard(at + 1, shards.len()), |out| {
            id = write_file(shard, &metadata, out)?;
            Ok::<_, Failure>(())
        })?;
        Ok((file, id))
    };
    let written: Vec<Result<(Replacement, Id), Failure>> = threads::map(shards.iter().enumerate().collect(), write);
    // In their order, so that the same fault gives the same error each time.
    let written = written.into_iter().collect::<Result<Vec<_>, _>>()?;
    let id = id::of(&written.iter().map(|(_, id)| id.checksum).collect::<Vec<_>>());
    let mut files = Vec::with_capacity(written.len());
    for (mut file, Id { place, .. }) in written {
        file.patch(place, id.as_bytes())?;
        files.push(file);
    }
    let total: u64 = shards.iter().flatten().map(|(_, tensor)| size(tensor)).sum();
    set.put(files, |names| {
        let keys = shards.iter().zip(names).flat_map(|(shard, name)| shard.iter().map(move |(key, _)| (*key, &**name)));
        index(total, &id, &keys.collect())
    })
}

/// Keys and tensors that one file holds.
type Named<'a> = Vec<(&'a str, &'a TensorInfo)>;

/// The tensors without those that are the same part of the same memory as one before, and what those are; but those whose
/// name is `taken` stay.
fn without_copies(tensors: &Tensors, taken: impl Fn(&str) -> bool) -> (Named<'_>, Vec<(&str, &str)>) {
    let mut by_view = HashMap::new();
    let (mut kept, mut aliases) = (Vec::new(), Vec::new());
    for (key, tensor) in tensors {
        let view = (tensor.storage().identity(), tensor.dtype(), tensor.offset(), tensor.shape(), tensor.strides());
        match by_view.get(&view) {
            Some(first) if size(tensor) > 0 && !taken(key) => aliases.push((key.as_str(), *first)),
            _ => {
                by_view.entry(view).or_insert(key.as_str());
                kept.push((key.as_str(), &**tensor));
            }
        }
    }
    (kept, aliases)
}

/// Splits the tensors, in order, so that none but a shard of one tensor is larger than `max` bytes.
fn shards<'a>(tensors: &[(&'a str, &'a TensorInfo)], max: Option<u64>) -> Vec<Named<'a>> {
    let max = max.unwrap_or(u64::MAX);
    let (mut shards, mut shard, mut filled) = (Vec::new(), Vec::new(), 0u64);
    for (key, tensor) in tensors {
        let with = filled.saturating_add(size(tensor));
        if with > max && !shard.is_empty() {
            shards.push(std::mem::take(&mut shard));
            filled = 0;
        }
        shard.push((*key, *tensor));
        filled = filled.saturating_add(size(tensor));
    }
    shards.push(shard);
    shards
}

fn size(tensor: &TensorInfo) -> u64 {
    u64::try_from(tensor.nbytes()).unwrap_or(u64::MAX)
}

/// The metadata of a file: what PyTorch's readers look for, the caller's, and the names that stand for its tensors.
fn described(
    metadata: &[(String, String)],
    aliases: &[(&str, &str)],
    shard: &[(&str, &TensorInfo)],
) -> Vec<(String, String)> {
    let is_given = metadata.iter().any(|(name, _)| name == FORMAT_KEY);
    let format = (!is_given).then(|| (FORMAT_KEY.to_owned(), "pt".to_owned()));
    let here = |kept: &str| shard.iter().any(|(key, _)| *key == kept);
    let aliases = aliases.iter().filter(|(_, kept)| here(kept));
    let aliases = aliases.map(|(alias, kept)| ((*alias).to_owned(), (*kept).to_owned()));
    format.into_iter().chain(metadata.iter().cloned()).chain(aliases).collect()
}

/// Writes a file, and says what the id of its set is made of.
fn write_file(
    tensors: &[(&str, &TensorInfo)],
    metadata: &[(String, String)],
    out: &mut dyn Write,
) -> Result<Id, Failure> {
    let records = tensors.iter().map(|(key, tensor)| NewTensor { key, dtype: tensor.dtype(), shape: tensor.shape() });
    let records: Vec<_> = records.collect();
    let layout = Layout::new(&records, metadata)?;
    out.write_all(&layout.head)?;
    let place = id::place(&layout.head);
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&layout.head);
    for (at, nbytes) in &layout.data {
        let Some((key, tensor)) = tensors.get(*at) else { continue };
        // Only a set has an id.
        let mut counted = Counted::new(&mut *out, |bytes| place.iter().for_each(|_| checksum.update(bytes)));
        let written = tensor.write_to(&mut counted).and_then(|()| counted.finish(*nbytes));
        written.map_err(|failure| failure.map(|error| error.at(format_args!("key `{key}`"))))?;
    }
    Ok(Id { place: place.unwrap_or_default(), checksum: checksum.finalize() })
}

/// What a shard has to do with the id of its set.
#[derive(Debug, Default)]
struct Id {
    /// Where in the file it goes.
    place: usize,
    /// Of all bytes of the file, with [`id::UNKNOWN`] at that place.
    checksum: u32,
}

fn index(total_size: u64, id: &str, weight_map: &IndexMap<&str, &str>) -> Result<Vec<u8>> {
    let unwritable = |error| CheckpointError::unsupported(format_args!("the index cannot be written: {error}"));
    let metadata = Metadata { total_size, model_runtime_set: id };
    let mut text = serde_json::to_vec_pretty(&Index { metadata, weight_map }).map_err(unwritable)?;
    text.push(b'\n');
    Ok(text)
}

/// The file that `transformers` reads; the keys are in the order of the state dict.
#[derive(serde::Serialize)]
struct Index<'a> {
    metadata: Metadata<'a>,
    weight_map: &'a IndexMap<&'a str, &'a str>,
}

#[derive(serde::Serialize)]
struct Metadata<'a> {
    total_size: u64,
    /// The entry [`SET_KEY`] of each shard.
    model_runtime_set: &'a str,
}
