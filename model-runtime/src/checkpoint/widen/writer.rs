//! A writer that gets narrow elements and passes wide ones on.

use std::io::{self, Write};
use std::ops::Range;

use super::widen;
use crate::checkpoint::scalar_type::ScalarType;

/// Bytes that are widened at a time.
const PIECE: usize = 64 << 10;

/// Passes a range of the wide bytes on.
pub(super) struct Widening<'o> {
    from: ScalarType,
    out: &'o mut dyn Write,
    /// The first byte of an element that was cut.
    cut: Option<u8>,
    /// Wide bytes before the range, and in it, that are still to come.
    before: usize,
    left: usize,
}

impl<'o> Widening<'o> {
    /// For `range` of the wide bytes, and the range of the narrow ones that it needs: whole elements.
    pub(super) fn new(
        from: ScalarType,
        to: ScalarType,
        range: &Range<usize>,
        out: &'o mut dyn Write,
    ) -> (Self, Range<usize>) {
        let (narrow, wide) = (from.itemsize(), to.itemsize());
        let start = range.start / wide;
        let end = range.end.div_ceil(wide);
        let (before, left) = (range.start % wide, range.len());
        (Self { from, out, cut: None, before, left }, start.saturating_mul(narrow)..end.saturating_mul(narrow))
    }

    fn pass(&mut self, wide: &[u8]) -> io::Result<()> {
        let skipped = self.before.min(wide.len());
        self.before = self.before.saturating_sub(skipped);
        let wide = wide.get(skipped..).unwrap_or_default();
        let wide = wide.get(..self.left.min(wide.len())).unwrap_or_default();
        self.left = self.left.saturating_sub(wide.len());
        self.out.write_all(wide)
    }
}

impl Write for Widening<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.chunks(PIECE) {
            let mut narrow: Vec<u8> = self.cut.take().into_iter().chain(piece.iter().copied()).collect();
            if !narrow.len().is_multiple_of(self.from.itemsize()) {
                self.cut = narrow.pop();
            }
            self.pass(&widen(self.from, &narrow))?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_may_start_and_end_inside_an_element_and_come_in_any_pieces() {
        let narrow: Vec<u8> = [1u16, 0x0203, 0xffff, 7].into_iter().flat_map(u16::to_le_bytes).collect();
        let wide = [1, 0, 0, 0, 3, 2, 0, 0, 0xff, 0xff, 0, 0, 7, 0, 0, 0];
        for (start, end) in (0..=16).flat_map(|start| (start..=16).map(move |end| (start, end))) {
            for step in [1, 3, 8] {
                let mut out = Vec::new();
                let (mut writer, range) =
                    Widening::new(ScalarType::UInt16, ScalarType::UInt32, &(start..end), &mut out);
                narrow[range].chunks(step).for_each(|piece| writer.write_all(piece).unwrap());
                assert_eq!(out, wide[start..end], "{start}..{end} by {step}");
            }
        }
    }
}
