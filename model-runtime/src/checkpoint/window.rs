//! Reads of the structure of a file: short ones that lie near each other become one.

use std::borrow::Cow;

use super::error::{CheckpointError, Result};
use super::source::Source;

/// Bytes that are read where less was asked for, at a place far from the last one, and at most.
const LEAST: u64 = 512;
const MOST: u64 = 16 << 10;

/// A part of a file in memory, which moves to where it is read.
#[derive(Debug)]
pub(super) struct Window<'a> {
    source: &'a Source,
    start: u64,
    bytes: Cow<'a, [u8]>,
    /// Bytes to read next: more each time that the place is near the last one.
    step: u64,
}

impl<'a> Window<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        let bytes = source.borrowed(0, source.len()).map_or_else(Cow::default, Cow::Borrowed);
        Self { source, start: 0, bytes, step: LEAST }
    }

    pub(super) fn source(&self) -> &'a Source {
        self.source
    }

    /// The `len` bytes at `offset`, which must lie inside the file.
    pub(super) fn read(&mut self, offset: u64, len: u64) -> Result<&[u8]> {
        if self.held(offset, len).is_none() {
            self.move_to(offset, len)?;
        }
        let missing = || CheckpointError::damaged("the file ends early");
        self.held(offset, len).ok_or_else(missing)
    }

    /// The first `N` bytes at `offset`.
    pub(super) fn array<const N: usize>(&mut self, offset: u64) -> Result<[u8; N]> {
        let bytes = self.read(offset, u64::try_from(N).unwrap_or(u64::MAX))?;
        Ok(bytes.first_chunk().copied().unwrap_or([0; N]))
    }

    /// A copy of the bytes, which leaves the window where it is.
    pub(super) fn copy(&self, offset: u64, len: u64) -> Result<Vec<u8>> {
        self.held(offset, len).map_or_else(|| self.source.read_vec(offset, len), |bytes| Ok(bytes.to_vec()))
    }

    fn held(&self, offset: u64, len: u64) -> Option<&[u8]> {
        let start = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        self.bytes.get(start..start.checked_add(usize::try_from(len).ok()?)?)
    }

    fn move_to(&mut self, offset: u64, len: u64) -> Result<()> {
        let end = self.start.saturating_add(u64::try_from(self.bytes.len()).unwrap_or(u64::MAX));
        let is_near = offset >= self.start && offset <= end.saturating_add(self.step);
        self.step = if is_near { self.step.saturating_mul(2).min(MOST) } else { LEAST };
        let ahead = self.step.min(self.source.len().saturating_sub(offset));
        match &mut self.bytes {
            Cow::Owned(bytes) if ahead > 0 && len <= ahead && u64::try_from(bytes.len()) == Ok(ahead) => {
                self.source.read_at(offset, bytes)?;
            }
            bytes => {
                // What was held goes before the new bytes are made room for.
                *bytes = Cow::default();
                *bytes = Cow::Owned(self.source.read_vec(offset, len.max(ahead))?);
            }
        }
        self.start = offset;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read, Result as IoResult, Seek, SeekFrom};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::checkpoint::limits::Limits;

    struct Counted(Cursor<Vec<u8>>, Arc<AtomicUsize>);

    impl Read for Counted {
        fn read(&mut self, out: &mut [u8]) -> IoResult<usize> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.read(out)
        }
    }

    impl Seek for Counted {
        fn seek(&mut self, to: SeekFrom) -> IoResult<u64> {
            self.0.seek(to)
        }
    }

    fn counted(len: usize) -> (Source, Arc<AtomicUsize>) {
        let (bytes, reads) = ((0..len).map(|i| (i % 251) as u8).collect(), Arc::default());
        let reader = Counted(Cursor::new(bytes), Arc::clone(&reads));
        (Source::reader(Box::new(reader), Limits::default()).unwrap(), reads)
    }

    #[test]
    fn near_reads_are_one_and_far_ones_take_little() {
        let (source, reads) = counted(1 << 20);
        let mut window = Window::new(&source);
        for offset in (0..1 << 20).step_by(100) {
            let byte = (offset % 251) as u8;
            assert_eq!(window.read(offset, 3).unwrap()[0], byte);
        }
        assert!(reads.load(Ordering::Relaxed) < 70, "{reads:?}");
        reads.store(0, Ordering::Relaxed);
        for offset in (0..1 << 20).step_by(1 << 16) {
            window.read(offset, 30).unwrap();
            window.read(offset + 30, 200).unwrap();
            assert!(window.bytes.len() <= 1 << 10);
        }
        assert_eq!(reads.load(Ordering::Relaxed), 16);
    }

    #[test]
    fn what_is_held_is_read_in_any_order_and_the_end_is_an_error() {
        let (source, reads) = counted(2000);
        let mut window = Window::new(&source);
        assert_eq!(window.read(0, 2000).unwrap().len(), 2000);
        assert_eq!(window.read(1990, 10).unwrap()[0], (1990 % 251) as u8);
        assert_eq!(window.array::<2>(3).unwrap(), [3, 4]);
        assert_eq!(window.copy(7, 2).unwrap(), [7, 8]);
        assert_eq!(reads.load(Ordering::Relaxed), 1);
        for (offset, len) in [(1999, 2), (2001, 0), (u64::MAX, 1), (0, u64::MAX)] {
            assert!(window.read(offset, len).unwrap_err().to_string().contains("ends early"));
        }
    }
}
