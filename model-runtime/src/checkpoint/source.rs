//! The bytes of a checkpoint: a file or a buffer, read at any position from any number of threads.

mod read;

use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::error::{CheckpointError, Result};
use super::limits::Limits;
use super::open_options::{Endianness, OpenOptions};
use crate::memory::Promise;

/// The name of a stream in messages.
const STREAM: &str = "<stream>";

/// A file (or bytes in memory) with its name, its length when it was opened, and the limits for reading it.
pub(crate) struct Source {
    path: Option<PathBuf>,
    bytes: Bytes,
    len: u64,
    limits: Limits,
    /// Whether the file may be mapped: somebody promised that it does not change.
    promise: Option<Promise>,
    /// Of a file that does not say its own.
    endianness: Endianness,
}

enum Bytes {
    Memory(Vec<u8>),
    /// What a caller can read and seek in, from this position on.
    Reader(Mutex<Box<dyn ReadSeek>>, u64),
    /// The bytes of another source from this offset on.
    Section(Arc<Source>, u64),
    #[cfg(unix)]
    File(File),
    /// Without positional reads, seek and read have to be one step.
    #[cfg(not(unix))]
    File(Mutex<File>),
}

/// A stream that can be read at any position.
pub(crate) trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

impl Source {
    pub(crate) fn open(path: &Path, limits: Limits) -> Result<Self> {
        let named = |error: CheckpointError| error.in_file(path.display());
        let failed = |error| named(CheckpointError::io("cannot open the file", error));
        // Before it is opened: opening a pipe waits for a writer.
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if metadata.is_dir() {
            let error = CheckpointError::not_a_checkpoint("this is a folder").expected("a checkpoint file");
            return Err(named(error.fix("name the file in it, for example `model.safetensors`")));
        }
        if !metadata.is_file() {
            let error =
                CheckpointError::not_a_checkpoint("this is a pipe or a device, which cannot be read at a position");
            return Err(named(error.expected("a regular file").fix("copy it to a file first")));
        }
        let file = File::open(path).map_err(failed)?;
        let len = file.metadata().map_err(failed)?.len();
        #[cfg(not(unix))]
        let file = Mutex::new(file);
        Ok(Self {
            path: Some(path.to_owned()),
            bytes: Bytes::File(file),
            len,
            limits,
            promise: None,
            endianness: Endianness::default(),
        })
    }

    pub(crate) fn open_with(path: &Path, options: &OpenOptions) -> Result<Self> {
        Ok(Self::open(path, options.limits.clone())?.assuming(options.default_endianness))
    }

    /// A folder whose files together are a checkpoint. It has no bytes of its own.
    pub(crate) fn folder(path: &Path, options: &OpenOptions) -> Self {
        let bytes = Self::memory(Vec::new(), options.limits.clone());
        Self { path: Some(path.to_owned()), ..bytes.assuming(options.default_endianness) }
    }

    /// Another file of the same checkpoint.
    pub(crate) fn sibling(&self, path: &Path) -> Result<Self> {
        Ok(Self::open(path, self.limits.clone())?.promised(self.promise).assuming(self.endianness))
    }

    /// The same file; its bytes have this order if it does not say which.
    pub(crate) fn assuming(self, endianness: Endianness) -> Self {
        Self { endianness, ..self }
    }

    pub(crate) fn endianness(&self) -> Endianness {
        self.endianness
    }

    /// The same file, which may be mapped.
    pub(crate) fn promised(self, promise: Option<Promise>) -> Self {
        Self { promise, ..self }
    }

    pub(crate) fn memory(bytes: Vec<u8>, limits: Limits) -> Self {
        // A length in memory always fits: `usize` is at most 64 bits wide.
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Self { path: None, bytes: Bytes::Memory(bytes), len, limits, promise: None, endianness: Endianness::default() }
    }

    /// What `reader` holds from its position to its end.
    pub(crate) fn reader(mut reader: Box<dyn ReadSeek>, limits: Limits) -> Result<Self> {
        let failed = |error| CheckpointError::io("cannot find the end of the stream", error).in_file(STREAM);
        let start = reader.stream_position().map_err(failed)?;
        let end = reader.seek(SeekFrom::End(0)).map_err(failed)?;
        let bytes = Bytes::Reader(Mutex::new(reader), start);
        Ok(Self {
            path: None,
            bytes,
            len: end.saturating_sub(start),
            limits,
            promise: None,
            endianness: Endianness::default(),
        })
    }

    /// The `len` bytes of `source` from `start` on.
    pub(crate) fn section(source: &Arc<Self>, start: u64, len: u64) -> Result<Self> {
        if start.checked_add(len).is_none_or(|end| end > source.len) {
            let error =
                CheckpointError::damaged("the file ends early").got(format_args!("a file of {} bytes", source.len));
            return Err(error.expected(format_args!("{len} bytes at offset {start}")).in_file(source.name()));
        }
        let (path, limits) = (source.path.clone(), source.limits.clone());
        Ok(Self {
            path,
            bytes: Bytes::Section(Arc::clone(source), start),
            len,
            limits,
            promise: None,
            endianness: source.endianness,
        })
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The name for messages.
    pub(crate) fn name(&self) -> String {
        match (&self.path, &self.bytes) {
            (Some(path), _) => path.display().to_string(),
            (None, Bytes::Reader(..)) => STREAM.to_owned(),
            (None, Bytes::Section(inner, _)) => inner.name(),
            (None, _) => "<bytes>".to_owned(),
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name()).field("len", &self.len).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_refused_by_name() {
        let error = Source::open(Path::new("/"), Limits::default()).unwrap_err().to_string();
        assert!(error.starts_with("/: this is a folder"), "{error}");
    }
}
