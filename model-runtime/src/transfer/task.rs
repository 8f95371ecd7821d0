//! [`Task`]: what one thread does without a pause, and what came of it.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use crc32fast::Hasher;

use super::cut::SEGMENT;
use super::feed::Feed;
use super::progress::Meter;
use super::scratch::{self, BLOCK};
use super::segment::Segment;
use crate::checkpoint::{CheckpointError, Storage};

/// Work that is worth a thread.
#[derive(Debug)]
pub(super) enum Task<'w> {
    Segments(Vec<Segment<'w>>),
    Feed(Feed<'w>),
    /// Only compares the checksum of this storage, of which the piece of the second number, of the storage of the first, is
    /// a part.
    Verify(usize, usize, &'w Storage),
}

/// What came of a part of a storage.
#[derive(Debug)]
pub(super) struct Done {
    /// The number of the storage in its batch, and that of the piece of it.
    pub(super) storage: usize,
    pub(super) piece: usize,
    /// The checksum of the part, where it is to be compared.
    pub(super) result: Result<Option<Hasher>, CheckpointError>,
}

/// The first storage of the batch that cannot be read, as far as that is known.
#[derive(Debug)]
pub(super) struct Failed(AtomicUsize);

/// Segments that are read together are no further apart in the file: what is between two records of an archive.
const GAP: u64 = 4 << 10;
/// What a segment costs besides its bytes, in bytes.
const OVERHEAD: usize = 16 << 10;

/// Makes tasks of segments: small ones share one.
pub(super) fn tasks(segments: Vec<Segment<'_>>) -> impl Iterator<Item = Task<'_>> {
    groups(segments, SEGMENT, Segment::len).map(Task::Segments)
}

/// Neighbours together, as long as their bytes and what each costs besides them are no more than `most`.
pub(super) fn groups<T>(items: Vec<T>, most: usize, len: impl Fn(&T) -> usize) -> impl Iterator<Item = Vec<T>> {
    let mut items = items.into_iter().peekable();
    let price = move |item: &T| len(item).saturating_add(OVERHEAD);
    std::iter::from_fn(move || {
        let mut group = vec![items.next()?];
        let mut cost = group.iter().map(&price).sum::<usize>();
        while let Some(item) = items.next_if(|item| cost.saturating_add(price(item)) <= most) {
            cost = cost.saturating_add(price(&item));
            group.push(item);
        }
        Some(group)
    })
}

impl Failed {
    pub(super) fn none() -> Self {
        Self(AtomicUsize::new(usize::MAX))
    }

    /// Whether a storage before this one cannot be read, so that nothing will come of this one.
    fn is_before(&self, storage: usize) -> bool {
        self.0.load(Ordering::Relaxed) < storage
    }

    pub(super) fn note(&self, done: &Done) {
        if done.result.is_err() {
            self.0.fetch_min(done.storage, Ordering::Relaxed);
        }
    }
}

impl Task<'_> {
    /// Whether it needs memory for all of a storage.
    pub(super) fn is_whole(&self) -> bool {
        self.held() > 0
    }

    /// The bytes of a storage that it needs memory for at a time.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Feed(feed) => feed.held(),
            Self::Segments(_) | Self::Verify(..) => 0,
        }
    }

    /// Does it, but for the storages after one that cannot be read.
    pub(super) fn run(self, failed: &Failed, meter: &Meter) -> Vec<Done> {
        let mut done = Vec::new();
        match self {
            Self::Segments(segments) => read(segments, failed, meter, &mut done),
            Self::Feed(feed) if !failed.is_before(feed.storage) => {
                done.push(Done { storage: feed.storage, piece: 0, result: feed.read(meter).map(|()| None) });
            }
            Self::Verify(number, piece, storage) if !failed.is_before(number) => {
                done.push(Done { storage: number, piece, result: storage.verify().map(|()| None) });
            }
            Self::Feed(_) | Self::Verify(..) => {}
        }
        done.iter().for_each(|done| failed.note(done));
        done
    }
}

/// Reads segments, neighbours in the file that are small with one call.
pub(super) fn read(segments: Vec<Segment<'_>>, failed: &Failed, meter: &Meter, done: &mut Vec<Done>) {
    let mut segments = segments.into_iter().filter(|segment| !failed.is_before(segment.storage)).peekable();
    while let Some(first) = segments.next() {
        let (source, mut place) = first.place();
        let mut group = vec![first];
        while let Some(next) = segments.next_if(|next| is_neighbour(source, &place, next)) {
            place.end = next.place().1.end;
            group.push(next);
        }
        match group.len() {
            1 => group.into_iter().for_each(|segment| done.push(read_one(segment, meter))),
            _ => read_group(group, place, meter, done),
        }
    }
}

fn is_neighbour(source: usize, place: &Range<u64>, next: &Segment<'_>) -> bool {
    let (of, range) = next.place();
    let gap = range.start.checked_sub(place.end);
    let is_small = range.end.saturating_sub(place.start) <= u64::try_from(BLOCK).unwrap_or(0);
    of == source && gap.is_some_and(|gap| gap <= GAP) && is_small
}

fn read_one(segment: Segment<'_>, meter: &Meter) -> Done {
    let (storage, piece) = (segment.storage, segment.piece);
    Done { storage, piece, result: segment.read(meter) }
}

fn read_group(group: Vec<Segment<'_>>, place: Range<u64>, meter: &Meter, done: &mut Vec<Done>) {
    scratch::with(|scratch| {
        let len = usize::try_from(place.end.saturating_sub(place.start)).unwrap_or(usize::MAX);
        let block = scratch.get_mut(..len).unwrap_or_default();
        let is_read = group.first().is_some_and(|first| first.source().read_at(place.start, block).is_ok());
        for segment in group {
            let (storage, piece, (_, range)) = (segment.storage, segment.piece, segment.place());
            let from = usize::try_from(range.start.saturating_sub(place.start)).unwrap_or(usize::MAX);
            let bytes = block.get_mut(from..from.saturating_add(segment.len())).filter(|_| is_read);
            done.push(match bytes {
                Some(bytes) => Done { storage, piece, result: Ok(segment.copy(bytes, meter)) },
                // One by one, to find out which of them cannot be read.
                None => read_one(segment, meter),
            });
        }
    });
}
