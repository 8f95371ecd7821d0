//! One storage of a checkpoint: a run of bytes that any number of tensors view.

mod byte_order;
mod content;
mod place;
mod stream;
mod view;

use std::fmt;
use std::io::Write;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use byte_order::ByteOrder;
pub(crate) use content::{Content, Piece, Run};

use super::assembly::Assembly;
use super::error::{CheckpointError, Result};
use super::limits::Limits;
use super::record::Record;
use super::replace::Failure;
use super::scalar_type::{ScalarType, StorageClass};
use super::source::Source;

pub(crate) use place::Place;
pub use view::StorageView;

/// The bytes behind one or more tensors, read when they are asked for.
///
/// Two tensors share memory in PyTorch exactly if their storages have the same [`id`](Storage::id).
pub struct Storage {
    id: usize,
    key: Arc<str>,
    location: Arc<str>,
    class: StorageClass,
    nbytes: usize,
    byte_order: ByteOrder,
    source: Arc<Source>,
    /// Set once, when the container has said where the bytes are: a legacy stream says so only after the tensors.
    record: OnceLock<Record>,
    /// Where the bytes are put together from, in place of a record.
    assembly: Option<Assembly>,
    /// Where the bytes come from that are not in `source`: a tensor in memory, or a storage with another location.
    data: Option<Arc<dyn StorageData>>,
    /// Whether the checksum was found right, so that many small tensors of one storage check it once.
    verified: AtomicBool,
}

/// The bytes of a storage that no checkpoint file holds: they are read when they are asked for, not copied before.
pub(crate) trait StorageData: Send + Sync {
    /// Where they lie in a file that may be mapped, if they do.
    fn place(&self) -> Option<Place<'_>> {
        None
    }

    /// Writes the bytes of `range`, little-endian, in pieces: nothing is copied that lies in memory as it is written.
    fn write_to(&self, range: Range<usize>, out: &mut dyn Write) -> Result<(), Failure>;

    /// Equal for what is one memory, as long as it is alive.
    fn identity(&self) -> usize;
}

/// A storage of a file, for one that differs from it in its location only.
impl StorageData for Arc<Storage> {
    fn place(&self) -> Option<Place<'_>> {
        Storage::place(self)
    }

    fn write_to(&self, range: Range<usize>, out: &mut dyn Write) -> Result<(), Failure> {
        Storage::write_to(self, range, out)
    }

    fn identity(&self) -> usize {
        Storage::identity(self)
    }
}

/// What a reader says about a storage when it first meets it.
#[derive(Debug)]
pub(crate) struct NewStorage {
    pub(crate) id: usize,
    pub(crate) key: Arc<str>,
    pub(crate) location: Arc<str>,
    pub(crate) class: StorageClass,
    pub(crate) nbytes: usize,
    pub(crate) big_endian: bool,
    pub(crate) source: Arc<Source>,
}

impl Storage {
    pub(crate) fn new(new: NewStorage) -> Self {
        let NewStorage { id, key, location, class, nbytes, big_endian, source } = new;
        let (record, verified) = (OnceLock::new(), AtomicBool::new(false));
        let (assembly, data, byte_order) = (None, None, ByteOrder::new(big_endian, class));
        Self { id, key, location, class, nbytes, byte_order, source, record, assembly, data, verified }
    }

    /// The same storage, put together from chunks.
    pub(crate) fn assembled(mut self, assembly: Assembly) -> Self {
        self.assembly = Some(assembly);
        self
    }

    /// A storage of elements in memory.
    pub(crate) fn of_data(dtype: ScalarType, location: Arc<str>, nbytes: usize, data: Arc<dyn StorageData>) -> Self {
        let source = Arc::new(Source::memory(Vec::new(), Limits::default()));
        let (id, key, class) = (data.identity(), "memory".into(), StorageClass::Typed(dtype));
        let new = NewStorage { id, key, location, class, nbytes, big_endian: false, source };
        Self { data: Some(data), ..Self::new(new) }
    }

    /// The same storage, as if it had been saved from `location`.
    pub(crate) fn relocated(self: &Arc<Self>, location: Arc<str>) -> Self {
        let (source, key) = (Arc::clone(&self.source), Arc::clone(&self.key));
        let (id, class, nbytes) = (self.id, self.class, self.nbytes);
        let new = NewStorage { id, key, location, class, nbytes, big_endian: false, source };
        Self { data: Some(Arc::new(Arc::clone(self))), ..Self::new(new) }
    }

    /// The elements of the same storage as `data` gives them: of another type, in the same order.
    pub(crate) fn converted(&self, dtype: ScalarType, nbytes: usize, data: Arc<dyn StorageData>) -> Self {
        let (source, key) = (Arc::clone(&self.source), Arc::clone(&self.key));
        Self { source, key, ..Self::of_data(dtype, Arc::clone(&self.location), nbytes, data) }
    }

    /// Equal for storages that are one memory, also of several files.
    pub(crate) fn identity(&self) -> usize {
        self.data.as_ref().map_or_else(|| std::ptr::from_ref(self).addr(), |data| data.identity())
    }

    /// Says where the bytes are. A second call changes nothing.
    pub(crate) fn set_record(&self, record: Record) {
        self.record.get_or_init(|| record);
    }

    /// The number of the storage in this file, counted from zero in order of first appearance.
    pub fn id(&self) -> usize {
        self.id
    }

    /// The name of the record in the file: `"0"`, `"1"`, ... in files of PyTorch, the tensor's key in safetensors.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The device that the storage was on when it was saved, as the file spells it: `cpu`, `cuda:1`, ...
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The number of bytes.
    pub fn nbytes(&self) -> usize {
        self.nbytes
    }

    /// The type of the elements, `None` for a storage of plain bytes, whose tensors name their own type.
    pub fn element_type(&self) -> Option<ScalarType> {
        match self.class {
            StorageClass::Typed(dtype) => Some(dtype),
            StorageClass::Untyped | StorageClass::Refused(..) => None,
        }
    }

    pub(crate) fn class(&self) -> StorageClass {
        self.class
    }

    /// Says that a tensor of `dtype` views the storage: see [`ByteOrder::view_as`].
    pub(crate) fn view_as(&self, dtype: ScalarType) -> Result<()> {
        self.byte_order.view_as(dtype)
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// Reads all bytes, little-endian whatever the file is, with the checksum checked where the file has one.
    ///
    /// # Errors
    /// If the file cannot be read or became shorter, or the bytes do not match their checksum.
    pub fn read(&self) -> Result<Vec<u8>> {
        if let Some(assembly) = &self.assembly {
            return assembly.read().map_err(|error| self.named(error));
        }
        if self.data.is_some() {
            let mut bytes = Vec::with_capacity(self.nbytes);
            self.write_to(0..self.nbytes, &mut bytes).map_err(Failure::into_content)?;
            return Ok(bytes);
        }
        let mut bytes = self.record()?.read(&self.source).map_err(|error| self.named(error))?;
        self.verified.store(true, Ordering::Relaxed);
        self.byte_order.swap(&mut bytes);
        Ok(bytes)
    }

    /// Reads `out.len()` bytes from `offset` on, little-endian; callable from several threads at once.
    ///
    /// The checksum covers the whole storage, so this does not check it: see [`Storage::verify`].
    ///
    /// # Errors
    /// If the range is not inside the storage, cuts an element of a big-endian file, or cannot be read.
    pub fn read_into(&self, offset: usize, out: &mut [u8]) -> Result<()> {
        if self.data.is_some() {
            return self.read_part(offset, out);
        }
        let width = self.byte_order.width();
        if !offset.is_multiple_of(width) || !out.len().is_multiple_of(width) {
            let error = CheckpointError::argument("a read that cuts an element of a big-endian file");
            return Err(self.named(error.expected(format_args!("multiples of {width} bytes"))));
        }
        if self.assembly.is_some() {
            return self.read_part(offset, out);
        }
        let start = u64::try_from(offset).unwrap_or(u64::MAX);
        self.record()?.read_into(&self.source, start, out).map_err(|error| self.named(error))?;
        self.byte_order.swap(out);
        Ok(())
    }

    /// Compares the bytes with their checksum, once, without keeping them. Without a checksum this reads nothing.
    ///
    /// # Errors
    /// If the file cannot be read, or the bytes do not match.
    pub fn verify(&self) -> Result<()> {
        if let Some(assembly) = &self.assembly {
            return assembly.verify().map_err(|error| self.named(error));
        }
        if self.data.is_some() {
            return Ok(());
        }
        let record = self.record()?;
        if self.verified.load(Ordering::Relaxed) || (record.crc.is_none() && record.deflated.is_none()) {
            return Ok(());
        }
        record.verify(&self.source).map_err(|error| self.named(error))?;
        self.verified.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// A part of what is read only as a whole.
    fn read_part(&self, offset: usize, out: &mut [u8]) -> Result<()> {
        let bytes = self.read()?;
        let part = offset.checked_add(out.len()).and_then(|end| bytes.get(offset..end));
        let past = || self.named(CheckpointError::argument("a read past the end of the storage"));
        out.copy_from_slice(part.ok_or_else(past)?);
        Ok(())
    }

    fn record(&self) -> Result<&Record> {
        let missing = || {
            self.named(CheckpointError::unsupported(
                "the file holds no bytes for this storage, as for one on the meta device",
            ))
        };
        self.record.get().ok_or_else(missing)
    }

    fn named(&self, error: CheckpointError) -> CheckpointError {
        error.at(format_args!("storage `{}`", self.key)).in_file(self.source.name())
    }
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storage")
            .field("id", &self.id)
            .field("key", &self.key)
            .field("location", &self.location)
            .field("nbytes", &self.nbytes)
            .field("element_type", &self.element_type())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
