//! [`cut`]: a storage of contiguous tensors as segments, each with the parts of the tensors that it fills.

use std::ops::Range;

use super::plan::View;
use super::segment::Segment;
use super::sink::Copy;
use crate::checkpoint::storage::Piece;
use crate::memory::Uninit;

/// The largest segment: small enough to spread over threads evenly, large enough to be worth a task.
pub(super) const SEGMENT: usize = 1 << 20;
/// A multiple of every size of an element.
const ALIGNMENT: usize = 16;

/// The segments of a storage with the parts of tensors that they fill.
pub(super) fn cut<'w>(
    storage: usize,
    pieces: &'w [Piece<'w>],
    views: &[View<'w>],
    memories: &'w mut [Uninit],
) -> Vec<Segment<'w>> {
    let mut segments = segments(storage, pieces, views);
    for (view, memory) in views.iter().zip(memories) {
        assign(view, memory, &mut segments);
    }
    segments.retain_mut(Segment::is_needed);
    segments
}

/// The segments of a storage, in its order. Together they are what is wanted of it, or all of it where it has a checksum to
/// compare.
pub(super) fn segments<'w>(storage: usize, pieces: &'w [Piece<'w>], views: &[View<'_>]) -> Vec<Segment<'w>> {
    let mut wanted: Vec<_> = views.iter().map(|view| view.range.clone()).filter(|range| !range.is_empty()).collect();
    wanted.sort_by_key(|range| (range.start, range.end));
    wanted.dedup();
    let mut segments = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        let wanted: Vec<_> = wanted.iter().filter_map(|range| common(range, &piece.range)).collect();
        let is_checked = is_checked(piece, &wanted);
        let bounds = bounds(&wanted, &piece.range, is_checked);
        let ranges = bounds.iter().zip(bounds.iter().skip(1)).map(|(start, end)| *start..*end);
        segments.extend(ranges.map(|range| Segment::new(storage, number, piece, range, is_checked)));
    }
    segments
}

/// Whether all bytes are read and their checksum compared.
fn is_checked(piece: &Piece<'_>, wanted: &[Range<usize>]) -> bool {
    let is_all = wanted.contains(&piece.range);
    piece.is_run() && piece.run.has_checksum() && (is_all || !wanted.is_empty() && piece.run.is_unverified())
}

/// Where segments start and end. Each tensor has segments of its own, which are read to where it stays; where tensors
/// overlap, they share those of a grid, so that there are never many more segments than the tensors have bytes for.
fn bounds(wanted: &[Range<usize>], piece: &Range<usize>, is_checked: bool) -> Vec<usize> {
    let (Some(start), Some(end)) = (wanted.first().map(|r| r.start), wanted.iter().map(|r| r.end).max()) else {
        return Vec::new();
    };
    let is_disjoint = wanted.iter().zip(wanted.iter().skip(1)).all(|(range, next)| range.end <= next.start);
    let from = (start - piece.start) / ALIGNMENT * ALIGNMENT + piece.start;
    let mut bounds = Vec::new();
    match is_disjoint {
        true => wanted.iter().for_each(|range| grid(range, &mut bounds)),
        false => grid(&(from..end), &mut bounds),
    }
    if is_checked {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        grid(&(piece.start..bounds.first().copied().unwrap_or(piece.start)), &mut before);
        grid(&(end..piece.end), &mut after);
        bounds = [before, bounds, after].concat();
    }
    bounds.dedup();
    bounds
}

/// The bounds of the segments of a range.
fn grid(range: &Range<usize>, bounds: &mut Vec<usize>) {
    bounds.extend(range.clone().step_by(SEGMENT));
    bounds.push(range.end);
}

/// Gives the parts of a tensor to the segments that fill them.
fn assign<'w>(view: &View<'w>, memory: &'w mut Uninit, segments: &mut [Segment<'w>]) {
    let mut part = memory.part();
    let first = segments.partition_point(|segment| segment.range.end <= view.range.start);
    for segment in segments.get_mut(first..).unwrap_or_default() {
        let Some(range) = common(&segment.range, &view.range) else { break };
        let (now, rest) = part.split_at(view.cast.nbytes(range.len()));
        segment.push(Copy::new(range, view.cast, now));
        part = rest;
    }
}

/// What two ranges have in common, if that is something.
pub(super) fn common(a: &Range<usize>, b: &Range<usize>) -> Option<Range<usize>> {
    let range = a.start.max(b.start)..a.end.min(b.end);
    (!range.is_empty()).then_some(range)
}
