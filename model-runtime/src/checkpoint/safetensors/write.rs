//! Writes safetensors: one file, or shards with an index as `transformers` writes them.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use rayon::prelude::*;

use super::new_file::{Layout, NewTensor};
use crate::checkpoint::counted::Counted;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::replace::{Failure, Replacement};
use crate::checkpoint::tensor::TensorInfo;

/// The tensors of a state dict, in order.
pub(crate) type Tensors = IndexMap<String, Arc<TensorInfo>>;

/// Writes the tensors to `path`; over `max_shard` bytes to several files beside it, with an index.
///
/// A tensor that several names stand for is written once, under the first of them, and the metadata says of the others
/// what they are: `{"out.weight": "embedding.weight"}`, as `safetensors.torch.save_model` does.
pub(crate) fn write(
    tensors: &Tensors,
    metadata: &[(String, String)],
    path: &Path,
    max_shard: Option<u64>,
) -> Result<(), Failure> {
    let (kept, aliases) = without_copies(tensors);
    let shards = shards(&kept, max_shard);
    if let [shard] = shards.as_slice() {
        let metadata = described(metadata, &aliases, shard);
        return Ok(Replacement::write(path, |out| write_file(shard, &metadata, out))?.put()?);
    }
    let paths = (1..=shards.len()).map(|number| shard_path(path, number, shards.len())).collect::<Result<Vec<_>>>()?;
    let mut weight_map = IndexMap::new();
    for (shard, file) in shards.iter().zip(&paths) {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        weight_map.extend(shard.iter().map(|(key, _)| (*key, name.to_owned())));
    }
    // All are complete before the first takes the place of an older one, and the index comes last. File systems write to
    // several files at a time, and not to one.
    let written: Vec<Result<Replacement, Failure>> = shards
        .par_iter()
        .zip(&paths)
        .map(|(shard, file)| {
            let metadata = described(metadata, &aliases, shard);
            Replacement::write(file, |out| write_file(shard, &metadata, out))
        })
        .collect();
    // In their order, so that the same fault gives the same error each time.
    let mut files = written.into_iter().collect::<Result<Vec<_>, _>>()?;
    let total: u64 = shards.iter().flatten().map(|(_, tensor)| size(tensor)).sum();
    let index = index(total, &weight_map)?;
    files.push(Replacement::write(&index_path(path), |out| Ok::<_, Failure>(out.write_all(&index)?))?);
    Ok(files.into_iter().try_for_each(Replacement::put)?)
}

/// Keys and tensors that one file holds.
type Named<'a> = Vec<(&'a str, &'a TensorInfo)>;

/// The tensors without those that are the same part of the same memory as one before, and what those are.
fn without_copies(tensors: &Tensors) -> (Named<'_>, Vec<(&str, &str)>) {
    let mut by_view = HashMap::new();
    let (mut kept, mut aliases) = (Vec::new(), Vec::new());
    for (key, tensor) in tensors {
        let view = (tensor.storage().identity(), tensor.dtype(), tensor.offset(), tensor.shape(), tensor.strides());
        match by_view.get(&view) {
            Some(first) if size(tensor) > 0 => aliases.push((key.as_str(), *first)),
            _ => {
                by_view.insert(view, key.as_str());
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
    let given = |key: &str| metadata.iter().any(|(name, _)| name == key);
    let format = (!given("format")).then(|| ("format".to_owned(), "pt".to_owned()));
    let here = |kept: &str| shard.iter().any(|(key, _)| *key == kept);
    let aliases = aliases.iter().filter(|(alias, kept)| here(kept) && !given(alias));
    let aliases = aliases.map(|(alias, kept)| ((*alias).to_owned(), (*kept).to_owned()));
    format.into_iter().chain(metadata.iter().cloned()).chain(aliases).collect()
}

fn write_file(
    tensors: &[(&str, &TensorInfo)],
    metadata: &[(String, String)],
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let records = tensors.iter().map(|(key, tensor)| NewTensor { key, dtype: tensor.dtype(), shape: tensor.shape() });
    let records: Vec<_> = records.collect();
    let layout = Layout::new(&records, metadata)?;
    out.write_all(&layout.head)?;
    for (at, nbytes) in &layout.data {
        let Some((key, tensor)) = tensors.get(*at) else { continue };
        let mut counted = Counted::new(&mut *out, |_| {});
        let written = tensor.write_to(&mut counted).and_then(|()| counted.finish(*nbytes));
        written.map_err(|failure| failure.map(|error| error.at(format_args!("key `{key}`"))))?;
    }
    Ok(())
}

/// `model-00001-of-00002.safetensors`.
fn shard_path(path: &Path, number: usize, count: usize) -> Result<PathBuf> {
    let not_text = || CheckpointError::argument("the name of a sharded file must be text: its index is JSON");
    let stem = path.file_stem().and_then(|stem| stem.to_str()).ok_or_else(not_text)?;
    Ok(path.with_file_name(format!("{stem}-{number:05}-of-{count:05}.safetensors")))
}

/// `model.safetensors.index.json`.
fn index_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".index.json");
    path.with_file_name(name)
}

fn index(total_size: u64, weight_map: &IndexMap<&str, String>) -> Result<Vec<u8>> {
    let unwritable = |error| CheckpointError::unsupported(format_args!("the index cannot be written: {error}"));
    let metadata = Metadata { total_size };
    let mut text = serde_json::to_vec_pretty(&Index { metadata, weight_map }).map_err(unwritable)?;
    text.push(b'\n');
    Ok(text)
}

/// The file that `transformers` reads; the keys are in the order of the state dict.
#[derive(serde::Serialize)]
struct Index<'a> {
    metadata: Metadata,
    weight_map: &'a IndexMap<&'a str, String>,
}

#[derive(serde::Serialize)]
struct Metadata {
    total_size: u64,
}
