//! The bytes of a checkpoint: a file or a buffer, read at any position from any number of threads.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::{CheckpointError, Result};
use super::limits::Limits;
use super::open_options::{Endianness, OpenOptions};
use crate::memory::{self, Promise};

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

    /// Fills `out` with the bytes at `offset`, which the caller has compared with [`Source::len`].
    pub(crate) fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        self.read_exact_at(offset, out).map_err(|error| self.read_error(error, offset, out.len()))
    }

    /// [`Source::read_at`] into memory that has no contents yet, from a file without writing it twice.
    pub(crate) fn fill_at<'o>(&self, offset: u64, out: &'o mut [MaybeUninit<u8>]) -> Result<&'o mut [u8]> {
        let len = out.len();
        self.fill_exact_at(offset, out).map_err(|error| self.read_error(error, offset, len))
    }

    fn fill_exact_at<'o>(&self, offset: u64, out: &'o mut [MaybeUninit<u8>]) -> io::Result<&'o mut [u8]> {
        match &self.bytes {
            Bytes::Memory(bytes) => {
                let window = window(bytes, offset, out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
                Ok(out.write_copy_of_slice(window))
            }
            #[cfg(unix)]
            Bytes::File(file) => memory::read_exact_at(file, out, offset),
            Bytes::Section(inner, start) if self.has(offset, out.len()) => {
                inner.fill_exact_at(start.saturating_add(offset), out)
            }
            _ => {
                let out = memory::zeroed(out);
                self.read_exact_at(offset, out)?;
                Ok(out)
            }
        }
    }

    /// [`Source::read_at`] with the error of the operating system, for use inside a [`std::io::Read`].
    pub(crate) fn read_exact_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match &self.bytes {
            Bytes::Memory(bytes) => copy_at(bytes, offset, out),
            #[cfg(unix)]
            Bytes::File(file) => std::os::unix::fs::FileExt::read_exact_at(file, out, offset),
            #[cfg(not(unix))]
            Bytes::File(file) => seek_and_read(file, offset, out),
            Bytes::Reader(reader, start) => seek_and_read(reader, start.saturating_add(offset), out),
            Bytes::Section(inner, start) if self.has(offset, out.len()) => {
                inner.read_exact_at(start.saturating_add(offset), out)
            }
            Bytes::Section(..) => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Whether so many bytes at `offset` are inside.
    fn has(&self, offset: u64, len: usize) -> bool {
        let end = u64::try_from(len).ok().and_then(|len| offset.checked_add(len));
        end.is_some_and(|end| end <= self.len)
    }

    /// The bytes from `start` to `end`, if they are in memory.
    pub(crate) fn borrowed(&self, start: u64, end: u64) -> Option<&[u8]> {
        match &self.bytes {
            Bytes::Memory(bytes) => bytes.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?),
            Bytes::Section(inner, offset) if end <= self.len => {
                inner.borrowed(start.checked_add(*offset)?, end.checked_add(*offset)?)
            }
            _ => None,
        }
    }

    /// The file that these bytes are in, and where; `None` for one that may not be mapped.
    #[cfg(unix)]
    pub(crate) fn mappable(&self, start: u64) -> Option<(&File, Promise, u64)> {
        match &self.bytes {
            Bytes::File(file) => Some((file, self.promise?, start)),
            Bytes::Section(inner, offset) => inner.mappable(start.checked_add(*offset)?),
            Bytes::Memory(_) | Bytes::Reader(..) => None,
        }
    }

    /// Files are mapped on Unix only.
    #[cfg(not(unix))]
    pub(crate) fn mappable(&self, _start: u64) -> Option<(&File, Promise, u64)> {
        None
    }

    /// `len` bytes at `offset`. What is asked for must lie inside the file; nothing is allocated otherwise.
    pub(crate) fn read_vec(&self, offset: u64, len: u64) -> Result<Vec<u8>> {
        let size = usize::try_from(len).ok().filter(|_| offset.checked_add(len).is_some_and(|end| end <= self.len));
        let Some(size) = size else {
            let error = CheckpointError::damaged("the file ends early").fix("copy or download it again");
            let error = error.expected(format_args!("{len} bytes at offset {offset}"));
            return Err(error.got(format_args!("a file of {} bytes", self.len)));
        };
        let mut out = vec![0; size];
        self.read_at(offset, &mut out)?;
        Ok(out)
    }

    fn read_error(&self, error: io::Error, offset: u64, len: usize) -> CheckpointError {
        if error.kind() != io::ErrorKind::UnexpectedEof {
            return CheckpointError::io(format_args!("cannot read {len} bytes at offset {offset}"), error);
        }
        CheckpointError::io("the file became shorter while it was open", error)
            .expected(format_args!("{len} bytes at offset {offset}, as when it had {} bytes", self.len))
            .fix("open it again when it is completely written")
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name()).field("len", &self.len).finish_non_exhaustive()
    }
}

fn copy_at(bytes: &[u8], offset: u64, out: &mut [u8]) -> io::Result<()> {
    out.copy_from_slice(window(bytes, offset, out.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
    Ok(())
}

fn window(bytes: &[u8], offset: u64, len: usize) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?;
    bytes.get(start..start.checked_add(len)?)
}

fn seek_and_read<R: Read + Seek>(file: &Mutex<R>, offset: u64, out: &mut [u8]) -> io::Result<()> {
    // A thread that panicked inside cannot have left the file in a state that the seek does not replace.
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_stay_inside_the_bytes() {
        let source = Source::memory(vec![1, 2, 3, 4], Limits::default());
        assert_eq!(source.read_vec(1, 2).unwrap(), [2, 3]);
        assert_eq!(source.read_vec(4, 0).unwrap(), [0u8; 0]);
        for (offset, len) in [(3, 2), (5, 0), (u64::MAX, 1), (0, u64::MAX), (1, u64::MAX)] {
            let error = source.read_vec(offset, len).unwrap_err().to_string();
            assert!(error.contains("ends early"), "{error}");
        }
    }

    #[test]
    fn a_folder_is_refused_by_name() {
        let error = Source::open(Path::new("/"), Limits::default()).unwrap_err().to_string();
        assert!(error.starts_with("/: this is a folder"), "{error}");
    }
}
