//! A writer that gets the elements of one type and passes those of another on.

use std::io::{self, Write};
use std::ops::Range;

use super::Convert;
use crate::checkpoint::scalar_type::ScalarType;

/// Bytes that are converted at a time.
const PIECE: usize = 64 << 10;

/// Passes a range of the converted bytes on.
pub(super) struct Converting<'o> {
    from: ScalarType,
    convert: Convert,
    out: &'o mut dyn Write,
    /// The first bytes of an element that was cut.
    cut: Vec<u8>,
    /// Converted bytes before the range, and in it, that are still to come.
    before: usize,
    left: usize,
}

impl<'o> Converting<'o> {
    /// For `range` of the converted bytes, and the range of the stored ones that it needs: whole elements.
    pub(super) fn new(
        [from, to]: [ScalarType; 2],
        convert: Convert,
        range: &Range<usize>,
        out: &'o mut dyn Write,
    ) -> (Self, Range<usize>) {
        let (narrow, wide) = (from.itemsize(), to.itemsize());
        let start = range.start / wide;
        let end = range.end.div_ceil(wide);
        let (before, left) = (range.start % wide, range.len());
        (
            Self { from, convert, out, cut: Vec::new(), before, left },
            start.saturating_mul(narrow)..end.saturating_mul(narrow),
        )
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

impl Write for Converting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.chunks(PIECE) {
            let mut stored = std::mem::take(&mut self.cut);
            stored.extend_from_slice(piece);
            let cut = stored.len() % self.from.itemsize();
            self.cut = stored.split_off(stored.len().saturating_sub(cut));
            self.pass(&(self.convert)(self.from, &stored))?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::widen;
    use super::*;

    #[test]
    fn a_range_may_start_and_end_inside_an_element_and_come_in_any_pieces() {
        let narrow: Vec<u8> = [1u16, 0x0203, 0xffff, 7].into_iter().flat_map(u16::to_le_bytes).collect();
        let wide = [1, 0, 0, 0, 3, 2, 0, 0, 0xff, 0xff, 0, 0, 7, 0, 0, 0];
        for (start, end) in (0..=16).flat_map(|start| (start..=16).map(move |end| (start, end))) {
            for step in [1, 3, 8] {
                let mut out = Vec::new();
                let (mut writer, range) =
                    Converting::new([ScalarType::UInt16, ScalarType::UInt32], widen, &(start..end), &mut out);
                narrow[range].chunks(step).for_each(|piece| writer.write_all(piece).unwrap());
                assert_eq!(out, wide[start..end], "{start}..{end} by {step}");
            }
        }
    }
}
