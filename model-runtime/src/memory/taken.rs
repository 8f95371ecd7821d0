//! Which ranges of a file were handed out: two tensors must not own the same bytes.

use std::collections::BTreeMap;
use std::ops::Range;

/// Ranges that do not overlap.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// The end of each, by its start.
    ranges: BTreeMap<u64, u64>,
}

impl Taken {
    /// Adds a range; false if it is empty or overlaps one that is there.
    pub(super) fn insert(&mut self, range: Range<u64>) -> bool {
        let before = self.ranges.range(..=range.start).next_back();
        let after = self.ranges.range(range.start..).next();
        let free =
            before.is_none_or(|(_, end)| *end <= range.start) && after.is_none_or(|(start, _)| range.end <= *start);
        if range.is_empty() || !free {
            return false;
        }
        self.ranges.insert(range.start, range.end);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_share_a_byte_are_refused() {
        let mut taken = Taken::default();
        for (range, fits) in [
            (10..20, true),
            (20..30, true),
            (0..10, true),
            (40..50, true),
            (10..20, false),
            (12..13, false),
            (29..31, false),
            (35..41, false),
            (49..60, false),
            (0..100, false),
            (39..51, false),
            (30..40, true),
            (60..60, false),
            (u64::MAX - 1..u64::MAX, true),
        ] {
            assert_eq!(taken.insert(range.clone()), fits, "{range:?}");
        }
    }
}
