//! Checkpoint files: PyTorch's zip and legacy formats, TorchScript archives and safetensors, read as data.
//!
//! [`Checkpoint::open`] finds the format by content and reads only the structure. What it finds is a tree of
//! [`Value`]s whose tensors ([`TensorInfo`]) know their place in the file; bytes are read when they are asked for.
//! Nothing in a file is executed. A file that contradicts itself, or that two readers could read differently, is an
//! error that names the entry; [`Limits`] bounds what any file can ask for.

#![forbid(unsafe_code)]
// These modules read files from strangers: no number is cut, no index and no `unwrap` can stop the program.
#![deny(clippy::as_conversions, clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(
    test,
    allow(
        clippy::as_conversions,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop its program"
    )
)]

pub(crate) mod bridge;
mod error;
mod format;
mod gather;
mod limits;
mod map_location;
mod path;
mod pickle;
mod record;
mod replace;
pub(crate) mod safetensors;
mod scalar_type;
mod shards;
mod source;
mod state_dict;
mod storage;
mod string_map;
mod tensor;
mod torch;
mod value;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use format::{Container, Parts};
use source::Source;

pub use error::{CheckpointError, CheckpointErrorKind, Result};
pub use format::Format;
pub use limits::Limits;
pub use map_location::{Location, MapLocation};
pub(crate) use replace::replace;
pub use scalar_type::ScalarType;
pub use state_dict::{RawEntry, RawStateDict};
pub use storage::{Storage, StorageView};
pub use tensor::TensorInfo;
pub use value::{BigInt, Dict, Items, Opaque, Value};

/// A checkpoint file, or one entry of it. Clones share the file.
///
/// ```no_run
/// use model_runtime::Checkpoint;
///
/// let checkpoint = Checkpoint::open("net.pt")?;
/// println!("{}: {}", checkpoint.format(), checkpoint.root());
/// let epoch = checkpoint.get("epoch")?.root().as_int();
/// # Ok::<(), model_runtime::checkpoint::CheckpointError>(())
/// ```
#[derive(Clone)]
pub struct Checkpoint {
    file: Arc<OpenFile>,
    /// The entry that this is about, and its keys from the root of the file.
    root: Value,
    scope: Vec<String>,
}

/// What all clones and entries of a checkpoint share.
struct OpenFile {
    source: Arc<Source>,
    format: Format,
    storages: Vec<Arc<Storage>>,
    metadata: Vec<(String, String)>,
}

impl Checkpoint {
    /// Opens the file at `path`, whatever its name ends in, with the default [`Limits`].
    ///
    /// # Errors
    /// If the file cannot be opened, is no checkpoint, is damaged, or goes over a limit.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, &Limits::default())
    }

    /// Opens the file at `path` with other limits.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn open_with(path: impl AsRef<Path>, limits: &Limits) -> Result<Self> {
        Self::read(Source::open(path.as_ref(), limits.clone())?)
    }

    /// Reads a checkpoint that is in memory.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        Self::from_bytes_with(bytes, &Limits::default())
    }

    /// Reads a checkpoint that is in memory, with other limits.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn from_bytes_with(bytes: Vec<u8>, limits: &Limits) -> Result<Self> {
        Self::read(Source::memory(bytes, limits.clone()))
    }

    fn read(source: Source) -> Result<Self> {
        let source = Arc::new(source);
        let parts = match format::detect(&source) {
            Ok(Container::Index) => shards::open(&source, |shard, first_id| read_file(&Arc::new(shard), first_id)),
            _ => read_file(&source, 0),
        };
        let Parts { format, root, storages, metadata } = parts.map_err(|error| error.in_file(source.name()))?;
        Ok(Self { file: Arc::new(OpenFile { source, format, storages, metadata }), root, scope: Vec::new() })
    }

    /// The format of the file.
    pub fn format(&self) -> Format {
        self.file.format
    }

    /// The path that the file was opened at; `None` for bytes in memory.
    pub fn path(&self) -> Option<&Path> {
        self.file.source.path()
    }

    /// The value that the file holds, or the entry of it that [`Checkpoint::get`] chose.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// All storages of the file, by their [`Storage::id`].
    pub fn storages(&self) -> &[Arc<Storage>] {
        &self.file.storages
    }

    /// The `__metadata__` of a safetensors file, in its order; empty for other formats.
    pub fn metadata(&self) -> &[(String, String)] {
        &self.file.metadata
    }

    /// The keys from the root of the file to this entry.
    pub fn scope(&self) -> &[String] {
        &self.scope
    }

    /// The entry at `path`, as a checkpoint of its own: `model`, `ema.model`, `optimizer/state/0`.
    ///
    /// The path is matched key by key. A key that has dots or slashes in it is tried first, whole; elements of lists
    /// go by number, and integer keys by their text.
    ///
    /// # Errors
    /// If there is no such entry; the message lists what there is, and the nearest name.
    pub fn get(&self, path: &str) -> Result<Self> {
        let (keys, value) = path::find(&self.root, path).map_err(|error| self.named(error))?;
        let scope = self.scope.iter().cloned().chain(keys).collect();
        Ok(Self { file: Arc::clone(&self.file), root: value.clone(), scope })
    }

    /// The state dict in here: this entry if it is one, or the one entry inside that is.
    ///
    /// # Errors
    /// If there is none, or more than one: the message lists the candidates and says what to write.
    pub fn raw_state_dict(&self) -> Result<RawStateDict> {
        state_dict::find(&self.root, self.file.format).map_err(|error| self.named(error))
    }

    fn named(&self, error: CheckpointError) -> CheckpointError {
        let error = if self.scope.is_empty() { error } else { error.at(format_args!("`{}`", self.scope.join("."))) };
        error.in_file(self.file.source.name())
    }
}

/// Reads the structure of one file, with its storages numbered from `first_id`.
fn read_file(source: &Arc<Source>, first_id: usize) -> Result<Parts> {
    let parts = format::detect(source).and_then(|container| match container {
        Container::Zip => torch::open_zip(source, first_id),
        Container::Legacy => torch::open_legacy(source, first_id),
        Container::Safetensors => safetensors::open(source, first_id),
        Container::Index => Err(CheckpointError::damaged("an index of shards where a shard should be")),
    });
    parts.map_err(|error| error.in_file(source.name()))
}

impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoint")
            .field("file", &self.file.source.name())
            .field("format", &self.file.format)
            .field("scope", &self.scope)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
