//! The bytes of one pickle, read from the file as far as the opcodes go.

use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::source::Source;

/// Bytes that are read ahead at first; later steps are as large as what was read before.
const STEP: usize = 64 << 10;
/// Bytes of a line that ends in a newline: a module, a class, a number in text.
const LINE: usize = 4 << 10;

/// A range of the pickle's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// The bytes in `pickle`, the buffer that the span was taken from.
    pub(super) fn of(self, pickle: &[u8]) -> &[u8] {
        let range = || {
            let start = usize::try_from(self.start).ok()?;
            pickle.get(start..start.checked_add(usize::try_from(self.len).ok()?)?)
        };
        range().unwrap_or_default()
    }
}

/// A cursor over the bytes of the source from `base` to `end`. A pickle in a stream does not say how long it is: the
/// buffer grows with what the opcodes ask for, never with what they claim.
pub(super) struct Input<'a> {
    source: &'a Source,
    base: u64,
    end: u64,
    buffer: Vec<u8>,
    pos: usize,
    frame_end: Option<usize>,
}

impl<'a> Input<'a> {
    pub(super) fn new(source: &'a Source, base: u64, end: u64) -> Self {
        Self { source, base, end, buffer: Vec::new(), pos: 0, frame_end: None }
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
    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    pub(super) fn bytes(&self, span: Span) -> &[u8] {
        span.of(&self.buffer)
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let span = self.take(N)?;
        Ok(self.bytes(span).first_chunk().copied().unwrap_or([0; N]))
    }

    /// The next `len` bytes.
    pub(super) fn take(&mut self, len: usize) -> Result<Span> {
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
        self.fill(end)?;
        let span = Span { start: self.short(self.pos)?, len: self.short(len)? };
        self.pos = end;
        Ok(span)
    }

    /// The next bytes up to a newline, without it.
    pub(super) fn line(&mut self) -> Result<Span> {
        let mut len = 0;
        loop {
            let newline = self
                .buffer
                .get(self.pos..)
                .unwrap_or_default()
                .iter()
                .take(LINE)
                .skip(len)
                .position(|byte| *byte == b'\n');
            if let Some(found) = newline {
                let span = self.take(len.saturating_add(found))?;
                self.take(1)?;
                return Ok(span);
            }
            len = self.buffer.len().saturating_sub(self.pos);
            if len >= LINE {
                return Err(CheckpointError::damaged("a line of text does not end")
                    .expected(format_args!("a newline within {LINE} bytes")));
            }
            if self.offset(self.buffer.len()).is_none_or(|read| read >= self.end) {
                return Err(self.truncated(len.saturating_add(1)));
            }
            self.fill(self.buffer.len().saturating_add(1))?;
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

    /// Reads on until `buffer` holds the bytes before `end`, which is inside the source.
    fn fill(&mut self, end: usize) -> Result<()> {
        let have = self.buffer.len();
        let missing = end.saturating_sub(have);
        if missing == 0 {
            return Ok(());
        }
        let from = self.offset(have).unwrap_or(self.end);
        let left = usize::try_from(self.end.saturating_sub(from)).unwrap_or(usize::MAX);
        let step = missing.max(have.max(STEP).min(left));
        self.buffer.reserve_exact(step);
        self.buffer.resize(have.saturating_add(step), 0);
        self.source.read_at(from, self.buffer.get_mut(have..).unwrap_or_default())
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
        CheckpointError::damaged("the pickle ends early")
            .expected(format_args!("{len} more bytes"))
            .got(self.end.saturating_sub(self.file_pos()))
            .fix("the file may be cut; copy or download it again")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::limits::Limits;

    #[test]
    fn the_buffer_grows_with_what_is_there_and_not_with_what_is_claimed() {
        let source = Source::memory(vec![7; 200_000], Limits::default());
        let mut input = Input::new(&source, 0, 200_000);
        assert!(input.take(usize::MAX).is_err());
        assert!(input.take(200_001).is_err());
        assert!(input.enter_frame(u64::MAX).is_err());
        assert!(input.buffer.is_empty());
        input.take(1).unwrap();
        assert_eq!(input.buffer.len(), STEP);
        let span = input.take(150_000).unwrap();
        assert_eq!(input.bytes(span).len(), 150_000);
        assert_eq!(input.file_pos(), 150_001);
    }

    #[test]
    fn lines_end_and_are_not_endless() {
        let text = [b"ab\n\ncd".as_slice(), &[b'x'; 10_000], b"\n"].concat();
        let source = Source::memory(text, Limits::default());
        let mut input = Input::new(&source, 0, source.len());
        let first = input.line().unwrap();
        let second = input.line().unwrap();
        assert_eq!((input.bytes(first), input.bytes(second)), (b"ab".as_slice(), b"".as_slice()));
        assert!(input.line().unwrap_err().to_string().contains("does not end"));
        let mut input = Input::new(&source, 4, 6);
        assert!(input.line().unwrap_err().to_string().contains("ends early"));
    }

    #[test]
    fn an_operand_stays_in_its_frame() {
        let source = Source::memory(vec![0; 20], Limits::default());
        let mut input = Input::new(&source, 0, 20);
        input.enter_frame(4).unwrap();
        assert!(input.enter_frame(2).is_err());
        input.take(2).unwrap();
        assert!(input.take(3).is_err());
        input.take(2).unwrap();
        input.enter_frame(0).unwrap();
        input.take(10).unwrap();
    }
}
