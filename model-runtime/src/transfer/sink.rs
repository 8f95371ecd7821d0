//! [`Sink`]: a tensor that takes its elements out of the blocks of a storage, which come in order.

use super::cast::Cast;
use super::spread::Spread;
use crate::memory::Part;

/// A contiguous tensor, or a part of one.
#[derive(Debug)]
pub(super) struct Copy<'w> {
    /// The byte of the storage that its next element starts at.
    start: usize,
    /// The byte of the storage after its last element.
    end: usize,
    cast: Cast,
    /// What has no contents yet.
    part: Option<Part<'w>>,
}

/// A tensor that takes its elements out of blocks.
#[derive(Debug)]
pub(super) enum Sink<'w> {
    Copy(Copy<'w>),
    Spread(Spread<'w>),
}

impl<'w> Copy<'w> {
    pub(super) fn new(range: std::ops::Range<usize>, cast: Cast, part: Part<'w>) -> Self {
        Self { start: range.start, end: range.end, cast, part: Some(part) }
    }

    /// Whether it is all bytes of `range`, and nothing else, as they are.
    pub(super) fn is_all_of(&self, range: &std::ops::Range<usize>) -> bool {
        self.cast.is_plain() && (self.start, self.end) == (range.start, range.end)
    }

    /// Its memory.
    pub(super) fn into_part(self) -> Option<Part<'w>> {
        self.part
    }

    /// Takes its elements out of the bytes of the storage that start at `at`.
    pub(super) fn take(&mut self, at: usize, block: &[u8]) {
        let end = self.end.min(at.saturating_add(block.len()));
        let elements = self.start.checked_sub(at).and_then(|from| block.get(from..end.checked_sub(at)?));
        if let Some(elements) = elements
            && let Some(part) = self.part.take()
        {
            let (now, rest) = part.split_at(self.cast.nbytes(elements.len()));
            self.cast.fill(elements, now);
            self.part = Some(rest);
            self.start = end;
        }
    }
}

impl Sink<'_> {
    /// Takes its elements out of the bytes of the storage that start at `at`.
    pub(super) fn take(&mut self, at: usize, block: &[u8]) {
        match self {
            Self::Copy(copy) => copy.take(at, block),
            Self::Spread(spread) => spread.take(at, block),
        }
    }
}
