//! Checkpoint files: every format of PyTorch, TorchScript archives, distributed checkpoints and safetensors, read as
//! data.
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

mod assembly;
pub(crate) mod bridge;
mod convert;
mod counted;
mod distributed;
mod error;
mod folder;
mod format;
pub(crate) mod gather;
mod globals;
mod limits;
mod map_location;
mod negated;
mod open;
mod open_options;
mod path;
mod pickle;
mod read;
mod record;
pub(crate) mod replace;
pub(crate) mod safetensors;
pub(crate) mod save;
mod scalar_type;
mod scripted;
mod shards;
mod source;
mod state_dict;
pub(crate) mod storage;
mod string_map;
mod tensor;
mod torch;
mod value;
pub(crate) mod widen;
mod window;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use scripted::Scripted;
pub(crate) use source::Source;

pub use convert::convert;
pub use error::{CheckpointError, CheckpointErrorKind, Result};
pub use format::Format;
pub use limits::Limits;
pub use map_location::{Location, MapLocation};
pub use open_options::{Endianness, OpenOptions};
pub use save::SaveOptions;
pub use scalar_type::ScalarType;
pub use state_dict::{RawEntry, RawStateDict};
pub(crate) use storage::{Place, StorageData};
pub use storage::{Storage, StorageView};
pub use tensor::TensorInfo;
pub use value::{BigInt, Dict, DictKind, Items, Opaque, Value};

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
    globals: Vec<Arc<str>>,
    scripted: Scripted,
    /// Where another save starts in the same stream.
    rest: Option<u64>,
}

impl Checkpoint {
    /// The next checkpoint of a stream that several were saved to, one after the other; `None` after the last. Only
    /// the legacy format allows that.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn next_in_stream(&self) -> Result<Option<Self>> {
        let Some(start) = self.file.rest else { return Ok(None) };
        let len = self.file.source.len().saturating_sub(start);
        Self::read(Source::section(&self.file.source, start, len)?).map(Some)
    }

    /// Compares the bytes of every storage with their checksum, where the file has checksums. Reading a storage does
    /// that too.
    ///
    /// # Errors
    /// If the file cannot be read or the bytes of a storage do not match; the message names the storage.
    pub fn verify(&self) -> Result<()> {
        self.file.storages.iter().try_for_each(|storage| storage.verify())
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
        state_dict::find(&self.root, self.file.format, &self.file.scripted).map_err(|error| self.named(error))
    }

    fn named(&self, error: CheckpointError) -> CheckpointError {
        let error = if self.scope.is_empty() { error } else { error.at(format_args!("`{}`", self.scope.join("."))) };
        error.in_file(self.file.source.name())
    }
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
