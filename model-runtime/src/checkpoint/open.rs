//! Opening a checkpoint: a file, a folder, a stream or bytes.

use std::io::{Read, Seek};
use std::path::Path;
use std::sync::Arc;

use super::error::Result;
use super::folder::{self, Folder};
use super::format::{self, Container, Parts};
use super::limits::Limits;
use super::open_options::OpenOptions;
use super::read::read_file;
use super::source::Source;
use super::{Checkpoint, OpenFile, distributed, safetensors, shards, torch};
use crate::memory::Promise;

impl Checkpoint {
    /// Opens the file at `path`, whatever its name ends in, with the default [`Limits`].
    ///
    /// A folder is a distributed checkpoint (`.metadata`, or safetensors of all ranks) or one as a model hub lays it out: `model.safetensors` or
    /// `pytorch_model.bin`, or their index and shards.
    ///
    /// # Errors
    /// If the file cannot be opened, is no checkpoint, is damaged, or goes over a limit.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, OpenOptions::new())
    }

    /// Opens the file at `path` with other [`OpenOptions`], or [`Limits`] alone.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn open_with(path: impl AsRef<Path>, options: impl Into<OpenOptions>) -> Result<Self> {
        Self::open_promised(path.as_ref(), &options.into(), None)
    }

    /// Opens the file at `path`, to be mapped if there is a promise that it does not change.
    pub(crate) fn open_promised(path: &Path, options: &OpenOptions, promise: Option<Promise>) -> Result<Self> {
        let open = |path: &Path| Source::open_with(path, options).map(|source| source.promised(promise));
        if path.is_dir() {
            return match folder::find(path)? {
                Folder::Distributed(metadata) => Self::read_distributed(open(&metadata)?, path),
                Folder::File(file) => Self::read(open(&file)?),
                Folder::Parts(files) => {
                    let folder = Arc::new(Source::folder(path, options).promised(promise));
                    Self::of_parts(distributed::open_parts(&folder, &files, safetensors::open_part), folder)
                }
            };
        }
        let source = open(path)?;
        match path.parent() {
            Some(folder) if path.ends_with(distributed::METADATA) => Self::read_distributed(source, folder),
            _ => Self::read(source),
        }
    }

    /// Opens what starts at byte `offset` of the file at `path`, and ends with the file.
    ///
    /// # Errors
    /// As [`Checkpoint::open`], and if the file is shorter than `offset`.
    pub fn open_at(path: impl AsRef<Path>, offset: u64) -> Result<Self> {
        let source = Arc::new(Source::open(path.as_ref(), Limits::default())?);
        let len = source.len().saturating_sub(offset);
        Self::read(Source::section(&source, offset, len)?)
    }

    /// Reads a checkpoint from a stream that can seek, from where it stands to its end.
    ///
    /// ```
    /// use std::io::Cursor;
    ///
    /// use model_runtime::Checkpoint;
    ///
    /// let header = br#"{"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#;
    /// let file = [&54u64.to_le_bytes()[..], header, b" ", &[7, 8]].concat();
    /// let checkpoint = Checkpoint::from_reader(Cursor::new(file))?;
    /// assert_eq!(checkpoint.storages()[0].read()?, [7, 8]);
    /// # Ok::<(), model_runtime::checkpoint::CheckpointError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn from_reader(reader: impl Read + Seek + Send + 'static) -> Result<Self> {
        Self::from_reader_with(reader, OpenOptions::new())
    }

    /// Reads a checkpoint from a stream that can seek, with other options.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn from_reader_with(
        reader: impl Read + Seek + Send + 'static,
        options: impl Into<OpenOptions>,
    ) -> Result<Self> {
        let options = options.into();
        Self::read(Source::reader(Box::new(reader), options.limits)?.assuming(options.default_endianness))
    }

    /// Reads a checkpoint that is in memory.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        Self::from_bytes_with(bytes, OpenOptions::new())
    }

    /// Reads a checkpoint that is in memory, with other options.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn from_bytes_with(bytes: Vec<u8>, options: impl Into<OpenOptions>) -> Result<Self> {
        let options = options.into();
        Self::read(Source::memory(bytes, options.limits).assuming(options.default_endianness))
    }

    pub(super) fn read(source: Source) -> Result<Self> {
        let source = Arc::new(source);
        let parts = match format::detect(&source) {
            Ok(Container::Index) => shards::open(&source, |shard, first_id| read_file(&Arc::new(shard), first_id)),
            _ => read_file(&source, 0),
        };
        Self::of_parts(parts, source)
    }

    fn read_distributed(source: Source, folder: &Path) -> Result<Self> {
        let source = Arc::new(source);
        Self::of_parts(distributed::open(&source, folder, torch::open_zip), source)
    }

    fn of_parts(parts: Result<Parts>, source: Arc<Source>) -> Result<Self> {
        let parts = parts.map_err(|error| error.in_file(source.name()))?;
        let Parts { format, root, storages, metadata, globals, scripted, rest } = parts;
        let file = OpenFile { source, format, storages, metadata, globals, scripted, rest };
        Ok(Self { file: Arc::new(file), root, scope: Vec::new() })
    }
}
