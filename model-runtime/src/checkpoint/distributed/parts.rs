//! Folders of PyTorch's `HuggingFaceStorageWriter(save_distributed=True)`: safetensors that each hold one rank's parts of
//! the tensors, and say where in its tensor each part starts. Nothing says how large the tensors are: they reach as far as
//! their parts, as for `HuggingFaceStorageReader`.

use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;

use super::metadata::Chunk;
use super::{assembled, tiles};
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::format::{Format, Parts, Starts};
use crate::checkpoint::source::Source;
use crate::checkpoint::storage::Storage;
use crate::checkpoint::tensor::TensorInfo;
use crate::checkpoint::value::{Dict, Value};

/// What the files have of one key.
#[derive(Default)]
struct Found {
    chunks: Vec<(Chunk, Arc<TensorInfo>)>,
    /// Why one of the parts cannot be read.
    unreadable: Option<Arc<str>>,
}

/// Reads the structure of all `files` in `folder`; `open` reads one, with storages numbered from its second argument.
pub(in crate::checkpoint) fn open_parts(
    folder: &Arc<Source>,
    files: &[PathBuf],
    open: impl Fn(&Arc<Source>, usize) -> Result<(Parts, Starts)>,
) -> Result<Parts> {
    let mut found: IndexMap<Arc<str>, Found> = IndexMap::new();
    let mut storages = Vec::new();
    for path in files {
        let file = Arc::new(folder.sibling(path)?);
        let in_file = |error: CheckpointError| error.in_file(file.name());
        let (parts, starts) = open(&file, storages.len()).map_err(in_file)?;
        storages.extend(parts.storages);
        for (key, value) in parts.root.as_dict().into_iter().flat_map(Dict::iter) {
            let Value::Str(key) = key else { continue };
            let named = |error: CheckpointError| in_file(error.at(format_args!("key `{key}`")));
            found.entry(Arc::clone(key)).or_default().add(key, value, &starts).map_err(named)?;
        }
    }
    let mut entries = Vec::with_capacity(found.len());
    for (key, found) in found {
        let (value, storage) =
            found.join(&key, folder, storages.len()).map_err(|e| e.at(format_args!("key `{key}`")))?;
        storages.extend(storage);
        entries.push((Value::Str(key), value));
    }
    let root = Dict::from_entries(entries).map_err(|_| CheckpointError::damaged("a key is no string"))?;
    Ok(Parts::new(Format::Distributed, Value::Dict(Arc::new(root)), storages))
}

impl Found {
    fn add(&mut self, key: &str, value: &Value, starts: &Starts) -> Result<()> {
        let tensor = match value {
            Value::Tensor(tensor) => tensor,
            Value::Unreadable(reason) => {
                self.unreadable = Some(Arc::clone(reason));
                return Ok(());
            }
            other => return Err(CheckpointError::damaged("the part is no tensor").got(other.type_name())),
        };
        let unknown = || CheckpointError::damaged("the metadata of the file does not say where the part starts");
        let (sizes, rank) = (tensor.shape().to_vec(), tensor.shape().len());
        let offsets = match starts {
            None => vec![0; rank],
            Some(starts) => starts.get(key).cloned().ok_or_else(unknown)?,
        };
        if offsets.len() != rank {
            let error = CheckpointError::damaged("the part starts at a place of another number of dimensions");
            return Err(error.expected(format_args!("{rank} numbers")).got(format_args!("{offsets:?}")));
        }
        if let Some((_, first)) = self.chunks.first()
            && (first.dtype() != tensor.dtype() || first.shape().len() != rank)
        {
            return Err(CheckpointError::damaged("the parts are of different tensors")
                .expected(format_args!("{first}"))
                .got(format_args!("{tensor}")));
        }
        self.chunks.push((Chunk { offsets, sizes }, Arc::clone(tensor)));
        Ok(())
    }

    /// The tensor, with the storage that is put together for it unless one part is all of it.
    fn join(self, key: &Arc<str>, source: &Arc<Source>, id: usize) -> Result<(Value, Option<Arc<Storage>>)> {
        if let Some(reason) = self.unreadable {
            return Ok((Value::Unreadable(reason), None));
        }
        let shape = self.shape()?;
        let (chunks, tensors): (Vec<Chunk>, Vec<_>) = self.chunks.into_iter().unzip();
        tiles::check(&shape, &chunks)?;
        if let Some(whole) = tensors.iter().find(|tensor| tensor.shape() == shape) {
            return Ok((Value::Tensor(Arc::clone(whole)), None));
        }
        let Some(dtype) = tensors.first().map(|tensor| tensor.dtype()) else {
            return Err(CheckpointError::damaged("there is no part of it"));
        };
        let parts = chunks.into_iter().zip(tensors).filter(|(chunk, _)| !chunk.sizes.contains(&0));
        let parts = parts.map(|(chunk, tensor)| (chunk.offsets, tensor)).collect();
        let (storage, tensor) = assembled(source, id, key, dtype, &shape, parts)?;
        Ok((tensor, Some(storage)))
    }

    /// The sizes of the smallest tensor that all parts are in; empty ones are anywhere, unless all are empty.
    fn shape(&self) -> Result<Vec<usize>> {
        let overflow = || CheckpointError::damaged("the tensor's sizes overflow");
        let is_empty = |chunk: &Chunk| chunk.sizes.contains(&0);
        let all_empty = self.chunks.iter().all(|(chunk, _)| is_empty(chunk));
        let mut shape = vec![0; self.chunks.first().map_or(0, |(chunk, _)| chunk.sizes.len())];
        for (chunk, _) in self.chunks.iter().filter(|(chunk, _)| all_empty || !is_empty(chunk)) {
            for ((size, offset), dim) in chunk.sizes.iter().zip(&chunk.offsets).zip(&mut shape) {
                *dim = (*dim).max(offset.checked_add(*size).ok_or_else(overflow)?);
            }
        }
        Ok(shape)
    }
}
