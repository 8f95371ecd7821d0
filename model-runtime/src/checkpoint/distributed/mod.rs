//! Folders of `torch.distributed.checkpoint`: `.metadata` says what there is, and each `.distcp` file holds the parts
//! that one rank wrote, every part a small file of `torch.save`; or each rank wrote safetensors.

mod cover;
mod metadata;
mod nest;
mod parts;
mod place;
mod scan;
mod tiles;

use std::path::Path;
use std::sync::Arc;

use metadata::{Chunk, Entry, Item, Metadata, TensorEntry};

use super::assembly::Assembly;
use super::error::{CheckpointError, Result};
use super::format::{Format, Parts};
use super::globals::Names;
use super::scalar_type::{ScalarType, StorageClass};
use super::shards::check_name;
use super::source::Source;
use super::storage::{NewStorage, Storage, StorageView};
use super::tensor::{Layout, TensorInfo, contiguous_strides};
use super::value::Value;
use crate::hash::FastMap;

pub(super) use parts::open_parts;

/// The file that says what the others hold.
pub(super) const METADATA: &str = ".metadata";

/// Whether this is what one rank wrote instead, `__0.metadata`: of a run that did not compare what its ranks have.
pub(super) fn is_of_rank(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let rank = name.and_then(|name| name.strip_prefix("__")?.strip_suffix(METADATA));
    rank.is_some_and(|rank| !rank.is_empty() && rank.bytes().all(|digit| digit.is_ascii_digit()))
}

/// Reads `.metadata` and the structure of every part; `open` reads a part, with storages numbered from its second
/// argument.
pub(super) fn open(
    source: &Arc<Source>,
    folder: &Path,
    open: impl Fn(&Arc<Source>, usize) -> Result<Parts>,
) -> Result<Parts> {
    let metadata = Metadata::read(source)?;
    let mut reader = Reader {
        source,
        folder,
        open,
        files: FastMap::default(),
        file_bytes: 0,
        assembled: 0,
        parts: FastMap::default(),
        storages: Vec::new(),
        globals: Names::default(),
    };
    reader.globals.add(metadata.globals.iter().cloned());
    let mut leaves = Vec::with_capacity(metadata.entries.len());
    for (key, entry) in &metadata.entries {
        let named = |error: CheckpointError| error.at(format_args!("key `{key}`"));
        leaves.push((Arc::clone(key), reader.entry(key, entry, &metadata).map_err(named)?));
    }
    let root = nest::nest(leaves, &metadata.paths)?;
    Ok(Parts { globals: reader.globals.into_vec(), ..Parts::new(Format::Distributed, root, reader.storages) })
}

struct Reader<'a, F> {
    source: &'a Arc<Source>,
    folder: &'a Path,
    open: F,
    files: FastMap<Arc<str>, Arc<Source>>,
    /// The bytes of all of them.
    file_bytes: u64,
    /// The bytes of the tensors that were put together so far.
    assembled: u64,
    /// What was read from each place.
    parts: FastMap<Item, Value>,
    storages: Vec<Arc<Storage>>,
    globals: Names,
}

impl<F: Fn(&Arc<Source>, usize) -> Result<Parts>> Reader<'_, F> {
    fn entry(&mut self, key: &Arc<str>, entry: &Entry, metadata: &Metadata) -> Result<Value> {
        match entry {
            Entry::Bytes => self.part(metadata.item(key, None)?),
            Entry::Unreadable(reason) => Ok(Value::Unreadable(Arc::clone(reason))),
            Entry::Tensor(tensor) => self.tensor(key, tensor, metadata),
        }
    }

    /// A tensor, put together from its chunks.
    fn tensor(&mut self, key: &Arc<str>, entry: &TensorEntry, metadata: &Metadata) -> Result<Value> {
        tiles::check(&entry.shape, &entry.chunks)?;
        let mut chunks = Vec::with_capacity(entry.chunks.len());
        for chunk in entry.chunks.iter().filter(|chunk| !chunk.sizes.contains(&0)) {
            let named = |error: CheckpointError| error.at(format_args!("chunk at {:?}", chunk.offsets));
            let item = metadata.item(key, Some(&chunk.offsets)).map_err(named)?;
            let part = self.part(item).map_err(named)?;
            chunks.push((chunk.offsets.clone(), chunk_tensor(part, entry.dtype, chunk).map_err(named)?));
        }
        match chunks.as_slice() {
            [(_, whole)] if whole.shape() == entry.shape => Ok(Value::Tensor(Arc::clone(whole))),
            _ => self.assemble(key, entry, chunks),
        }
    }

    fn assemble(
        &mut self,
        key: &Arc<str>,
        entry: &TensorEntry,
        chunks: Vec<(Vec<usize>, Arc<TensorInfo>)>,
    ) -> Result<Value> {
        let id = self.storages.len();
        let (storage, tensor) = assembled(self.source, id, key, entry.dtype, &entry.shape, chunks)?;
        self.check_assembled(storage.nbytes())?;
        self.storages.push(storage);
        Ok(tensor)
    }

    /// Metadata can name one part for any number of chunks: what is put together must not outgrow the files.
    fn check_assembled(&mut self, nbytes: usize) -> Result<()> {
        self.assembled = self.assembled.saturating_add(u64::try_from(nbytes).unwrap_or(u64::MAX));
        let limit = self.source.limits().expanded_bytes.max(self.file_bytes);
        if self.assembled <= limit {
            return Ok(());
        }
        let what = format_args!("the chunks repeat bytes of their files, which are {} bytes", self.file_bytes);
        Err(CheckpointError::limit(what, "expanded_bytes", limit, self.assembled))
    }

    /// What `torch.save` wrote at a place of a `.distcp` file.
    fn part(&mut self, item: &Item) -> Result<Value> {
        if let Some(value) = self.parts.get(item) {
            return Ok(value.clone());
        }
        let named = |error: CheckpointError| error.at(format_args!("`{}` from byte {}", item.file, item.start));
        let file = self.file(&item.file)?;
        let section = Arc::new(Source::section(&file, item.start, item.len).map_err(named)?);
        let parts = (self.open)(&section, self.storages.len()).map_err(named)?;
        self.storages.extend(parts.storages);
        self.globals.add(parts.globals);
        self.parts.insert(item.clone(), parts.root.clone());
        Ok(parts.root)
    }

    fn file(&mut self, name: &Arc<str>) -> Result<Arc<Source>> {
        if let Some(file) = self.files.get(name) {
            return Ok(Arc::clone(file));
        }
        check_name(name)?;
        let file = Arc::new(self.source.sibling(&self.folder.join(&**name))?);
        self.file_bytes = self.file_bytes.saturating_add(file.len());
        self.files.insert(Arc::clone(name), Arc::clone(&file));
        Ok(file)
    }
}

/// A tensor of `shape` whose chunks fill it, and the storage that is put together from them, with this `id`.
fn assembled(
    source: &Arc<Source>,
    id: usize,
    key: &Arc<str>,
    dtype: ScalarType,
    shape: &[usize],
    chunks: Vec<(Vec<usize>, Arc<TensorInfo>)>,
) -> Result<(Arc<Storage>, Value)> {
    let overflow = || CheckpointError::damaged("the tensor's sizes overflow").got(format_args!("shape {shape:?}"));
    let strides = contiguous_strides(shape).ok_or_else(overflow)?;
    let location: Arc<str> = chunks.first().map_or("cpu", |(_, chunk)| chunk.location()).into();
    let assembly = Assembly::new(dtype, shape.to_vec(), chunks).ok_or_else(overflow)?;
    let (key, class, nbytes) = (Arc::clone(key), StorageClass::Typed(dtype), assembly.nbytes());
    let new = NewStorage { id, key, location, class, nbytes, big_endian: false, source: Arc::clone(source) };
    let storage = Arc::new(Storage::new(new).assembled(assembly));
    let layout = Layout { dtype, shape: shape.to_vec(), strides, offset: 0 };
    let tensor = TensorInfo::new(layout, &StorageView::whole(Arc::clone(&storage), class), false)?;
    Ok((storage, Value::Tensor(Arc::new(tensor))))
}

/// The tensor of a chunk, which must be what the metadata says.
fn chunk_tensor(part: Value, dtype: ScalarType, chunk: &Chunk) -> Result<Arc<TensorInfo>> {
    let tensor = match part {
        Value::Tensor(tensor) => tensor,
        Value::Opaque(object) => {
            let unreadable = object.unreadable().map(CheckpointError::unsupported);
            return Err(
                unreadable.unwrap_or_else(|| CheckpointError::damaged("the chunk is no tensor").got(object.global()))
            );
        }
        other => return Err(CheckpointError::damaged("the chunk is no tensor").got(other.type_name())),
    };
    let fits = tensor.dtype() == dtype && tensor.shape() == chunk.sizes && tensor.nbytes() <= tensor.storage().nbytes();
    if fits && !tensor.is_meta() {
        return Ok(tensor);
    }
    Err(CheckpointError::damaged("the chunk is another tensor than the metadata says")
        .expected(format_args!("{dtype} of shape {:?}", chunk.sizes))
        .got(format_args!("{} of shape {:?}", tensor.dtype(), tensor.shape())))
}
