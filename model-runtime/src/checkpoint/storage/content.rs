//! [`Content`]: how the bytes of a storage can be got at, for reading it without a buffer for all of it.

use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::atomic::Ordering;

use super::Storage;
use crate::checkpoint::error::Result;
use crate::checkpoint::record::{Record, deflate_error};
use crate::checkpoint::source::Source;

/// How the bytes of a storage can be got at.
#[derive(Debug)]
pub(crate) enum Content<'s> {
    /// In runs of the file: one, or those that it is put together from.
    Pieces(Vec<Piece<'s>>),
    /// From its first byte to its last: it is deflated.
    Deflated(Run<'s>),
    /// From its first byte to its last, by [`Storage::write_to`]: it is in memory, or converted.
    Streamed,
    /// All at once, by [`Storage::read`].
    Whole,
}

/// A part of a storage that is in one run of a file.
#[derive(Debug)]
pub(crate) struct Piece<'s> {
    /// The bytes of the storage that it is.
    pub(crate) range: Range<usize>,
    /// Where they start in the run.
    pub(crate) offset: usize,
    pub(crate) run: Run<'s>,
}

/// A run of plain or of deflated bytes in a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'s> {
    /// The storage that it is all of.
    storage: &'s Storage,
    record: &'s Record,
}

impl Storage {
    /// How the bytes can be got at.
    ///
    /// # Errors
    ///
    /// The file holds none, as for a storage on the meta device.
    pub(crate) fn content(&self) -> Result<Content<'_>> {
        if let Some(assembly) = &self.assembly {
            let chunks = assembly.pieces().unwrap_or_default();
            let pieces = chunks.into_iter().map(|(range, chunk)| {
                let Content::Pieces(inner) = chunk.storage().content()? else { return Ok(None) };
                // A storage of a file is one piece.
                let run = inner.first().map(|piece| piece.run);
                Ok(run.map(|run| Piece { range, offset: chunk.byte_range().start, run }))
            });
            let pieces = pieces.collect::<Result<Option<Vec<_>>>>().map_err(|error| self.named(error))?;
            return Ok(pieces.filter(|pieces| !pieces.is_empty()).map_or(Content::Whole, Content::Pieces));
        }
        if self.data.is_some() {
            return Ok(Content::Streamed);
        }
        let run = Run { storage: self, record: self.record()? };
        Ok(match run.record.deflated {
            Some(_) => Content::Deflated(run),
            None => Content::Pieces(vec![Piece { range: 0..self.nbytes, offset: 0, run }]),
        })
    }
}

impl Piece<'_> {
    /// Whether it is all of its run.
    pub(crate) fn is_run(&self) -> bool {
        self.offset == 0 && self.range.len() == self.run.storage.nbytes
    }
}

impl<'s> Run<'s> {
    /// The storage that it is all of.
    pub(crate) fn storage(&self) -> &'s Storage {
        self.storage
    }

    pub(crate) fn source(&self) -> &'s Source {
        self.storage.source()
    }

    /// Where its byte at `offset` is in the source.
    pub(crate) fn position(&self, offset: usize) -> u64 {
        self.record.start.saturating_add(u64::try_from(offset).unwrap_or(u64::MAX))
    }

    /// Whether the file has a checksum that was not compared with the bytes yet.
    pub(crate) fn is_unverified(&self) -> bool {
        self.has_checksum() && !self.storage.verified.load(Ordering::Relaxed)
    }

    pub(crate) fn has_checksum(&self) -> bool {
        self.record.crc.is_some()
    }

    /// Makes whole elements little-endian.
    pub(crate) fn swap(&self, bytes: &mut [u8]) {
        self.storage.byte_order.swap(bytes);
    }

    /// Reads bytes as they are in the file into memory without contents. They must lie inside the storage.
    pub(crate) fn fill<'o>(&self, offset: usize, out: &'o mut [MaybeUninit<u8>]) -> Result<&'o mut [u8]> {
        self.source().fill_at(self.position(offset), out).map_err(|error| self.storage.named(error))
    }

    /// Reads bytes as they are in the file. They must lie inside the storage.
    pub(crate) fn read(&self, offset: usize, out: &mut [u8]) -> Result<()> {
        self.source().read_at(self.position(offset), out).map_err(|error| self.storage.named(error))
    }

    /// Compares the checksum of all bytes, as they are in the file, with the one that the file has.
    pub(crate) fn check(&self, crc: u32) -> Result<()> {
        self.record.check_crc(crc).map_err(|error| self.storage.named(error))?;
        self.storage.verified.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// The bytes from first to last, as they are before they are deflated.
    pub(crate) fn stream(&self) -> Stream<'s> {
        Stream { run: *self, reader: self.record.reader(self.source()) }
    }
}

/// The bytes of a deflated record, from first to last.
pub(crate) struct Stream<'s> {
    run: Run<'s>,
    reader: Box<dyn Read + 's>,
}

impl Stream<'_> {
    /// Reads the next bytes.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> Result<()> {
        let record = self.run.record;
        self.reader.read_exact(out).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.run.storage.named(record.length_error("fewer")),
            _ => self.run.storage.named(deflate_error(error)),
        })
    }

    /// Checks that nothing comes after the last byte.
    pub(crate) fn finish(mut self) -> Result<()> {
        let named = |error| self.run.storage.named(error);
        match self.reader.read(&mut [0]).map_err(|error| named(deflate_error(error)))? {
            0 => Ok(()),
            _ => Err(named(self.run.record.length_error("more"))),
        }
    }
}
