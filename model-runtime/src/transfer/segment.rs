//! [`Segment`]: a part of a storage that one thread reads, and the parts of tensors that it fills.

use std::ops::Range;

use crc32fast::Hasher;

use super::progress::Meter;
use super::scratch::{self, BLOCK};
use super::sink::Copy;
use crate::checkpoint::storage::{Piece, Run};
use crate::checkpoint::{CheckpointError, Source};
use crate::memory::Part;

/// A part of a storage.
#[derive(Debug)]
pub(super) struct Segment<'w> {
    /// The number of the storage in its batch, and that of the piece of it.
    pub(super) storage: usize,
    pub(super) piece: usize,
    /// Its bytes in the storage, and in the run of the file where they are.
    pub(super) range: Range<usize>,
    offset: usize,
    run: Run<'w>,
    is_checked: bool,
    /// The memory that stays and that it is read into, if a tensor has all of it as it is.
    direct: Option<Part<'w>>,
    /// The other tensors that have some of it.
    copies: Vec<Copy<'w>>,
}

impl<'w> Segment<'w> {
    pub(super) fn new(storage: usize, piece: usize, from: &Piece<'w>, range: Range<usize>, is_checked: bool) -> Self {
        let offset = from.offset.saturating_add(range.start.saturating_sub(from.range.start));
        Self { storage, piece, range, offset, run: from.run, is_checked, direct: None, copies: Vec::new() }
    }

    /// Adds a tensor that has some of it.
    pub(super) fn push(&mut self, copy: Copy<'w>) {
        if self.direct.is_none() && copy.is_all_of(&self.range) {
            self.direct = copy.into_part();
        } else {
            self.copies.push(copy);
        }
    }

    /// Whether anything depends on it.
    pub(super) fn is_needed(&mut self) -> bool {
        self.is_checked || self.direct.is_some() || !self.copies.is_empty()
    }

    /// Whether its checksum is wanted, whatever becomes of its bytes.
    #[cfg(any(feature = "cuda", test))]
    pub(super) fn is_checked(&self) -> bool {
        self.is_checked
    }

    /// The number of bytes.
    pub(super) fn len(&self) -> usize {
        self.range.len()
    }

    /// Where it is in the file, as long as files are compared by address.
    pub(super) fn place(&self) -> (usize, Range<u64>) {
        let source = std::ptr::from_ref(self.run.source()).addr();
        (source, self.run.position(self.offset)..self.run.position(self.offset.saturating_add(self.len())))
    }

    /// The file that it is in.
    pub(super) fn source(&self) -> &'w Source {
        self.run.source()
    }

    /// Reads it. What comes back is its checksum, where the file has one to compare.
    pub(super) fn read(mut self, meter: &Meter) -> Result<Option<Hasher>, CheckpointError> {
        let mut hasher = self.is_checked.then(Hasher::new);
        let mut direct = self.direct.take();
        scratch::with(|scratch| {
            let mut at = 0;
            while at < self.len() {
                let len = BLOCK.min(self.len() - at);
                let offset = self.offset.saturating_add(at);
                let bytes = match direct.take() {
                    Some(part) => {
                        let (now, rest) = part.split_at(len);
                        direct = Some(rest);
                        now.fill(|out| self.run.fill(offset, out))?
                    }
                    None => {
                        let block = scratch.get_mut(..len).unwrap_or_default();
                        self.run.read(offset, block)?;
                        block
                    }
                };
                self.take(at, bytes, hasher.as_mut());
                at += len;
            }
            Ok::<_, CheckpointError>(())
        })?;
        meter.add(self.len());
        Ok(hasher)
    }

    /// Takes it out of the bytes of it that another read has brought. They may be changed.
    pub(super) fn copy(mut self, bytes: &mut [u8], meter: &Meter) -> Option<Hasher> {
        let mut hasher = self.is_checked.then(Hasher::new);
        let direct = self.direct.take();
        self.take(0, bytes, hasher.as_mut());
        if let Some(part) = direct {
            part.write(bytes);
        }
        meter.add(self.len());
        hasher
    }

    /// Does everything but reading with the bytes from `at` on.
    fn take(&mut self, at: usize, bytes: &mut [u8], hasher: Option<&mut Hasher>) {
        if let Some(hasher) = hasher {
            hasher.update(bytes);
        }
        self.run.swap(bytes);
        for copy in &mut self.copies {
            copy.take(self.range.start.saturating_add(at), bytes);
        }
    }
}
