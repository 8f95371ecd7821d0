//! The storages of a file, found by the keys that its persistent ids use.

use std::sync::Arc;

use super::archive::Archive;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::record::Record;
use crate::checkpoint::scalar_type::StorageClass;
use crate::checkpoint::source::Source;
use crate::checkpoint::storage::{NewStorage, Storage};
use crate::hash::FastMap;

/// A storage as a persistent id declares it.
#[derive(Debug)]
pub(super) struct Declared<'a> {
    pub(super) class: StorageClass,
    pub(super) key: &'a Arc<str>,
    pub(super) location: &'a Arc<str>,
    /// Elements of `class`.
    pub(super) numel: usize,
}

/// All storages that were declared so far, in order of first appearance.
#[derive(Debug)]
pub(super) struct Storages {
    source: Arc<Source>,
    /// Where the records are; `None` for a legacy stream, which says so at its end.
    archive: Option<Archive>,
    big_endian: bool,
    /// The id of the first one.
    first_id: usize,
    by_key: FastMap<Arc<str>, usize>,
    all: Vec<Arc<Storage>>,
    /// The name of a record, written over for each.
    name: String,
}

impl Storages {
    pub(super) fn new(source: &Arc<Source>, archive: Option<Archive>, big_endian: bool, first_id: usize) -> Self {
        let (source, by_key, all, name) = (Arc::clone(source), FastMap::default(), Vec::new(), String::new());
        Self { source, archive, big_endian, first_id, by_key, all, name }
    }

    /// Whether this is a legacy stream, whose persistent ids have one item more.
    pub(super) fn is_legacy(&self) -> bool {
        self.archive.is_none()
    }

    /// The storage that is declared. Declaring one twice must say the same of it twice.
    pub(super) fn declare(&mut self, declared: &Declared<'_>) -> Result<Arc<Storage>> {
        self.declare_unnamed(declared).map_err(|error| error.at(format_args!("storage `{}`", declared.key)))
    }

    pub(super) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    pub(super) fn find(&self, key: &str) -> Option<&Arc<Storage>> {
        self.by_key.get(key).and_then(|at| self.all.get(*at))
    }

    pub(super) fn into_vec(self) -> Vec<Arc<Storage>> {
        self.all
    }

    pub(super) fn all(&self) -> &[Arc<Storage>] {
        &self.all
    }

    fn declare_unnamed(&mut self, declared: &Declared<'_>) -> Result<Arc<Storage>> {
        let Declared { class, key, location, numel } = *declared;
        let overflow =
            || CheckpointError::damaged("the storage's size overflows").got(format_args!("{numel} elements"));
        let nbytes = numel.checked_mul(class.itemsize()).ok_or_else(overflow)?;
        if let Some(storage) = self.find(key) {
            check_same(storage, nbytes, location)?;
            return Ok(Arc::clone(storage));
        }
        let limit = self.source.limits().location_bytes;
        if location.len() > limit {
            return Err(CheckpointError::limit("the device tag is too long", "location_bytes", limit, location.len()));
        }
        let record = self.record(key, nbytes)?;
        let (at, key) = (self.all.len(), Arc::clone(key));
        let id = self.first_id.saturating_add(at);
        let (source, location, big_endian) = (Arc::clone(&self.source), Arc::clone(location), self.big_endian);
        let storage =
            Storage::new(NewStorage { id, key: Arc::clone(&key), location, class, nbytes, big_endian, source });
        record.into_iter().for_each(|record| storage.set_record(record));
        let storage = Arc::new(storage);
        self.by_key.insert(key, at);
        self.all.push(Arc::clone(&storage));
        Ok(storage)
    }

    fn record(&mut self, key: &str, nbytes: usize) -> Result<Option<Record>> {
        let Some(archive) = &self.archive else { return Ok(None) };
        let missing = || {
            CheckpointError::damaged("the archive has no record for it")
                .expected(format_args!("`{}/data/{key}`", archive.root()))
        };
        self.name.clear();
        self.name.extend(["data/", key]);
        let record = archive.record(&self.name).copied().ok_or_else(missing)?;
        if usize::try_from(record.len).ok() != Some(nbytes) {
            let error = CheckpointError::damaged("its record has another length than its tensors say");
            return Err(error.expected(format_args!("{nbytes} bytes")).got(record.len));
        }
        Ok(Some(record))
    }
}

fn check_same(storage: &Storage, nbytes: usize, location: &str) -> Result<()> {
    if storage.nbytes() != nbytes {
        return Err(CheckpointError::damaged("it is declared with two sizes")
            .expected(format_args!("{} bytes", storage.nbytes()))
            .got(nbytes));
    }
    if storage.location() != location {
        return Err(CheckpointError::damaged("it is declared on two devices")
            .expected(storage.location())
            .got(location));
    }
    Ok(())
}
