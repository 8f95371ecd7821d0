//! Reading a part of a source, wherever its bytes are.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::mem::MaybeUninit;
use std::sync::{Mutex, PoisonError};

use super::{Bytes, Source};
use crate::checkpoint::error::{CheckpointError, Result};
use crate::memory::{self, Promise};

impl Source {
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
    use crate::checkpoint::limits::Limits;

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
}
