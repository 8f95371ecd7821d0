//! The bytes of one pickle: all of them in memory, or a window that moves over the file.

use std::borrow::Cow;

use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::source::Source;

/// Bytes of the file that a window holds, and the longest operand that is looked at there.
const WINDOW: usize = 16 << 10;
/// Bytes of a line that ends in a newline: a module, a class, a number in text.
const LINE: usize = 4 << 10;

/// A range of the pickle's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// The bytes in `pickle`, the whole pickle that the span was taken from.
    pub(super) fn of(self, pickle: &[u8]) -> &[u8] {
        self.shifted(0, pickle)
    }

    /// The bytes in `window`, which starts at position `origin` of the pickle; none if they are not all there.
    fn shifted(self, origin: usize, window: &[u8]) -> &[u8] {
        let range = || {
            let start = usize::try_from(self.start).ok()?.checked_sub(origin)?;
            window.get(start..start.checked_add(usize::try_from(self.len).ok()?)?)
        };
        range().unwrap_or_default()
    }
}

/// A cursor over the bytes of the source from `base` to `end`. A pickle in a stream does not say how long it is: what
/// is read follows what the opcodes ask for, never what they claim.
pub(super) struct Input<'a> {
    source: &'a Source,
    base: u64,
    end: u64,
    /// The bytes from position `origin` on.
    buffer: Cow<'a, [u8]>,
    origin: usize,
    /// Whether `end` is where a limit cuts the source off.
    limited: bool,
    pos: usize,
    frame_end: Option<usize>,
}

impl<'a> Input<'a> {
    /// A window that moves over the file. Only the bytes of the last operand can be asked for, and only if it is short.
    pub(super) fn window(source: &'a Source, base: u64, end: u64) -> Self {
        let capped = end.min(base.saturating_add(source.limits().pickle_bytes));
        let (limited, origin) = (capped < end, 0);
        let buffer = source.borrowed(base, capped).map_or_else(Cow::default, Cow::Borrowed);
        Self { source, base, end: capped, buffer, origin, limited, pos: 0, frame_end: None }
    }

    /// All bytes from `base` to `end`, which a first pass has found.
    pub(super) fn whole(source: &'a Source, base: u64, end: u64) -> Result<Self> {
        let buffer = match source.borrowed(base, end) {
            Some(bytes) => Cow::Borrowed(bytes),
            None => Cow::Owned(source.read_vec(base, end.saturating_sub(base))?),
        };
        Ok(Self { source, base, end, buffer, origin: 0, limited: false, pos: 0, frame_end: None })
    }

    /// Bytes consumed so far.
    pub(super) fn pos(&self) -> usize {
        self.pos
    }

    /// The offset in the file of the next byte.
    pub(super) fn file_pos(&self) -> u64 {
        self.base.saturating_add(u64::try_from(self.pos).unwrap_or(u64::MAX))
    }

    /// The buffer that the spans refer to.
    pub(super) fn into_buffer(self) -> Cow<'a, [u8]> {
        self.buffer
    }

    pub(super) fn bytes(&self, span: Span) -> &[u8] {
        span.shifted(self.origin, &self.buffer)
    }

    /// The next `N` bytes.
    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        // What is in the buffer is before `end`.
        let ahead = self.buffer.get(self.pos.wrapping_sub(self.origin)..);
        let end = self.pos.saturating_add(N);
        if let Some(bytes) = ahead.and_then(|ahead| ahead.first_chunk()).filter(|_| self.is_in_frame(end)) {
            self.pos = end;
            return Ok(*bytes);
        }
        let span = self.take(N)?;
        Ok(self.bytes(span).first_chunk().copied().unwrap_or([0; N]))
    }

    /// The next `len` bytes.
    #[inline]
    pub(super) fn take(&mut self, len: usize) -> Result<Span> {
        let end = self.pos.checked_add(len);
        let in_buffer = |end: &usize| end.saturating_sub(self.origin) <= self.buffer.len();
        if let Some(end) = end.filter(in_buffer).filter(|end| self.is_in_frame(*end))
            && let (Ok(start), Ok(len)) = (u32::try_from(self.pos), u32::try_from(len))
        {
            self.pos = end;
            return Ok(Span { start, len });
        }
        self.take_checked(len)
    }

    /// Whether `end` is before the end of the frame, if there is one.
    fn is_in_frame(&self, end: usize) -> bool {
        self.frame_end.is_none_or(|frame_end| end < frame_end)
    }

    /// The same at the end of the buffer or of a frame.
    fn take_checked(&mut self, len: usize) -> Result<Span> {
        let end = self.pos.checked_add(len).filter(|end| self.offset(*end).is_some_and(|end| end <= self.end));
        let Some(end) = end else {
            return Err(self.truncated(len));
        };
        match self.frame_end {
            Some(frame_end) if self.pos < frame_end && end > frame_end => {
                return Err(CheckpointError::damaged("an operand reaches past the end of its frame"));
            }
            Some(frame_end) if end >= frame_end => self.frame_end = None,
            _ => {}
        }
        if len <= WINDOW {
            self.fill(end)?;
        }
        let span = Span { start: self.short(self.pos)?, len: self.short(len)? };
        self.pos = end;
        Ok(span)
    }

    /// The next bytes up to a newline, without it.
    pub(super) fn line(&mut self) -> Result<Span> {
        let left = usize::try_from(self.end.saturating_sub(self.file_pos())).unwrap_or(usize::MAX);
        self.fill(self.pos.saturating_add(left.min(LINE)))?;
        let ahead = self.pos.checked_sub(self.origin).and_then(|at| self.buffer.get(at..)).unwrap_or_default();
        match ahead.iter().take(left.min(LINE)).position(|byte| *byte == b'\n') {
            Some(found) => {
                let span = self.take(found)?;
                self.take(1)?;
                Ok(span)
            }
            None if left >= LINE => Err(CheckpointError::damaged("a line of text does not end")
                .expected(format_args!("a newline within {LINE} bytes"))),
            None => Err(self.truncated(left.saturating_add(1))),
        }
    }

    /// Notes the frame of `len` bytes that starts here.
    pub(super) fn enter_frame(&mut self, len: u64) -> Result<()> {
        let end = usize::try_from(len).ok().and_then(|len| self.pos.checked_add(len));
        match end.filter(|end| self.offset(*end).is_some_and(|end| end <= self.end)) {
            _ if self.frame_end.is_some() => Err(CheckpointError::damaged("a frame starts inside another")),
            Some(end) => {
                self.frame_end = (len > 0).then_some(end);
                Ok(())
            }
            None => Err(self.truncated(usize::try_from(len).unwrap_or(usize::MAX))),
        }
    }

    /// Moves the window on until it holds the bytes before `end`, which is inside the source.
    fn fill(&mut self, end: usize) -> Result<()> {
        if end.saturating_sub(self.origin) <= self.buffer.len() {
            return Ok(());
        }
        let window = self.buffer.to_mut();
        window.drain(..self.pos.saturating_sub(self.origin).min(window.len()));
        self.origin = self.pos;
        let have = window.len();
        let from = self.base.saturating_add(u64::try_from(self.pos.saturating_add(have)).unwrap_or(u64::MAX));
        let left = usize::try_from(self.end.saturating_sub(from)).unwrap_or(usize::MAX);
        let len = WINDOW.min(have.saturating_add(left));
        window.reserve_exact(len.saturating_sub(have));
        window.resize(len, 0);
        self.source.read_at(from, window.get_mut(have..).unwrap_or_default())
    }

    fn offset(&self, pos: usize) -> Option<u64> {
        self.base.checked_add(u64::try_from(pos).ok()?)
    }

    /// Positions are kept in 32 bits: half the memory of a node.
    fn short(&self, number: usize) -> Result<u32> {
        let limit = || CheckpointError::limit("the pickle is too long", "pickle_bytes", u32::MAX, number);
        u32::try_from(number).map_err(|_| limit())
    }

    fn truncated(&self, len: usize) -> CheckpointError {
        let left = self.end.saturating_sub(self.file_pos());
        if self.limited && u64::try_from(len).is_ok_and(|len| self.file_pos().saturating_add(len) <= self.source.len())
        {
            let limit = self.source.limits().pickle_bytes;
            return CheckpointError::limit("the pickle is too long", "pickle_bytes", limit, "more");
        }
        CheckpointError::damaged("the pickle ends early")
            .expected(format_args!("{len} more bytes"))
            .got(left)
            .fix("the file may be cut; copy or download it again")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::limits::Limits;

    fn file(bytes: &[u8]) -> (tempfile::NamedTempFile, Source) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let source = Source::open(file.path(), Limits::default()).unwrap();
        (file, source)
    }

    #[test]
    fn a_window_stays_small_and_steps_over_what_is_long() {
        let bytes: Vec<u8> = (0..200_000u32).map(|i| (i % 251) as u8).collect();
        let (_file, source) = file(&bytes);
        let mut input = Input::window(&source, 0, 200_000);
        assert!(input.take(usize::MAX).is_err());
        assert!(input.take(200_001).is_err());
        assert!(input.enter_frame(u64::MAX).is_err());
        assert!(input.buffer.is_empty());
        for at in [0u32, 1, 20_000, 170_001] {
            input.take(at as usize - input.pos()).unwrap();
            assert_eq!(input.array().unwrap(), [(at % 251) as u8]);
            assert!(input.buffer.len() <= WINDOW);
        }
        assert_eq!(input.file_pos(), 170_002);
    }

    #[test]
    fn lines_end_and_are_not_endless() {
        let text = [b"ab\n\ncd".as_slice(), &[b'x'; 10_000], b"\n"].concat();
        let (_file, from_file) = file(&text);
        for source in [Source::memory(text, Limits::default()), from_file] {
            let mut input = Input::window(&source, 0, source.len());
            let first = input.line().unwrap();
            assert_eq!(input.bytes(first), b"ab");
            let second = input.line().unwrap();
            assert_eq!(input.bytes(second), b"");
            assert!(input.line().unwrap_err().to_string().contains("does not end"));
            let mut input = Input::window(&source, 4, 6);
            assert!(input.line().unwrap_err().to_string().contains("ends early"));
        }
    }

    #[test]
    fn an_operand_stays_in_its_frame() {
        let source = Source::memory(vec![0; 20], Limits::default());
        let mut input = Input::window(&source, 0, 20);
        input.enter_frame(4).unwrap();
        assert!(input.enter_frame(2).is_err());
        input.take(2).unwrap();
        assert!(input.take(3).is_err());
        input.take(2).unwrap();
        input.enter_frame(0).unwrap();
        input.take(10).unwrap();
    }

    #[test]
    fn a_pickle_longer_than_the_limit_says_so() {
        let source = Source::memory(vec![b'N'; 100], Limits { pickle_bytes: 10, ..Limits::default() });
        let mut input = Input::window(&source, 0, 100);
        input.take(10).unwrap();
        assert!(input.take(1).unwrap_err().to_string().contains("Limits::pickle_bytes"));
    }
}
