//! Reads storages into the memory of another device: segments into buffers of a ring, from where they are copied while the
//! next ones are read.

use super::batch;
use super::cut::{self, common};
use super::lane::{Buffer, Lane};
use super::plan::{Form, How, StoragePlan, View};
use super::progress::Meter;
use super::ring::Ring;
use super::segment::Segment;
use super::sink::Copy;
use super::task::{self, Done, Failed, Task};
use crate::error::Result;
use crate::threads;

/// Bytes of the segments that share a buffer: enough for copies at full speed, and few enough to have many at once.
const BUFFER: usize = 2 << 20;
/// Buffers besides those that the threads fill: of these, copies are on their way.
const ON_THEIR_WAY: usize = 2;

/// A segment, and the tensor that has it.
struct Staged<'w, M> {
    segment: Segment<'w>,
    /// None where only the checksum needs it.
    target: Option<Target<'w, M>>,
}

/// The part of a tensor that a segment fills.
struct Target<'w, M> {
    view: &'w View<'w>,
    memory: &'w M,
    /// The bytes of the storage, and the first byte of the tensor's memory that they fill.
    range: std::ops::Range<usize>,
    at: usize,
}

/// Whether the tensors of a storage can be read this way: in segments, each for one tensor, that need nothing afterwards.
pub(super) fn can_read(storage: &StoragePlan<'_>) -> bool {
    let is_simple = |view: &View<'_>| {
        let is_whole = matches!(view.form, Form::Contiguous) && !view.range.is_empty();
        is_whole && view.cast.to() == view.request.dtype
    };
    let mut ranges: Vec<_> = storage.views.iter().map(|view| (view.range.start, view.range.end)).collect();
    ranges.sort_unstable();
    let are_disjoint = ranges.iter().zip(ranges.iter().skip(1)).all(|((_, end), (start, _))| end <= start);
    matches!(storage.how, How::Segments(_)) && are_disjoint && storage.views.iter().all(is_simple)
}

/// The memories of the tensors of these storages, by the number of their request. [`can_read`] says of which.
///
/// # Errors
///
/// What the device refuses, else the first storage that cannot be read. No copy is on its way when it comes back.
pub(super) fn read<L: Lane>(lane: &L, storages: &[StoragePlan<'_>], meter: &Meter) -> Result<Vec<(usize, L::Memory)>> {
    let mut memories = Vec::with_capacity(storages.len());
    for storage in storages {
        let allocate = |view: &View<'_>| {
            let memory = lane.allocate(view.cast.to(), view.request.tensor.numel());
            memory.map_err(|error| error.at(view.request.key))
        };
        memories.push(storage.views.iter().map(allocate).collect::<Result<Vec<_>>>()?);
    }
    let done = fill(lane, storages, &memories, meter)?;
    batch::check(storages, done)?;
    meter.reach(storages.iter().map(StoragePlan::nbytes).fold(0, u64::saturating_add));
    let views = storages.iter().flat_map(|storage| &storage.views);
    Ok(views.zip(memories.into_iter().flatten()).map(|(view, memory)| (view.index, memory)).collect())
}

/// Reads the storages, and waits until what was read is in the memories of their tensors.
fn fill<'w, L: Lane>(
    lane: &L,
    storages: &'w [StoragePlan<'w>],
    memories: &'w [Vec<L::Memory>],
    meter: &Meter,
) -> Result<Vec<Done>> {
    let (mut staged, mut verifications) = (Vec::new(), Vec::new());
    for (number, (storage, memories)) in storages.iter().zip(memories).enumerate() {
        if let How::Segments(pieces) = &storage.how {
            verifications.extend(batch::verifications(number, pieces));
            staged.extend(stage(cut::segments(number, pieces, &storage.views), &storage.views, memories));
        }
    }
    let groups: Vec<_> = task::groups(staged, BUFFER, |staged| staged.segment.len().max(staged.len())).collect();
    let nbytes = groups.iter().map(|group| group.iter().map(Staged::len).sum()).max().unwrap_or(0);
    let ring = Ring::new(lane, nbytes, threads::number().saturating_add(ON_THEIR_WAY));
    let failed = Failed::none();
    let verify = |task: Task<'_>| if ring.has_failed() { Vec::new() } else { task.run(&failed, meter) };
    let mut done: Vec<_> = threads::map(verifications, verify).into_iter().flatten().collect();
    let send = |group| send(group, &ring, &failed, meter);
    done.extend(threads::map(groups, send).into_iter().flatten());
    ring.finish()?;
    Ok(done)
}

/// The segments with the tensors that have them. Each has no more than one, since the tensors are disjoint.
fn stage<'w, M>(segments: Vec<Segment<'w>>, views: &'w [View<'w>], memories: &'w [M]) -> Vec<Staged<'w, M>> {
    let mut views: Vec<_> = views.iter().zip(memories).collect();
    views.sort_by_key(|(view, _)| view.range.start);
    let with_target = |segment: Segment<'w>| {
        let next = views.partition_point(|(view, _)| view.range.end <= segment.range.start);
        let target = views.get(next).and_then(|&(view, memory)| {
            let range = common(&segment.range, &view.range)?;
            let at = view.cast.nbytes(range.start.saturating_sub(view.range.start));
            Some(Target { view, memory, range, at })
        });
        Staged { segment, target }
    };
    let staged = segments.into_iter().map(with_target);
    staged.filter(|staged| staged.target.is_some() || staged.segment.is_checked()).collect()
}

impl<M> Staged<'_, M> {
    /// The number of bytes that it becomes.
    fn len(&self) -> usize {
        self.target.as_ref().map_or(0, |target| target.view.cast.nbytes(target.range.len()))
    }
}

/// Reads the segments of a group into a buffer, and starts to copy what could be read.
fn send<L: Lane>(group: Vec<Staged<'_, L::Memory>>, ring: &Ring<'_, L>, failed: &Failed, meter: &Meter) -> Vec<Done> {
    let mut done = Vec::new();
    ring.with(|buffer| {
        let lens: Vec<_> = group.iter().map(Staged::len).collect();
        let mut targets = Vec::with_capacity(group.len());
        let mut segments = Vec::with_capacity(group.len());
        for (Staged { mut segment, target }, part) in group.into_iter().zip(buffer.parts(&lens)?) {
            targets.push(target.as_ref().map(|target| (target.memory, target.at)));
            if let Some(Target { view, range, .. }) = target {
                segment.push(Copy::new(range, view.cast, part));
            }
            segments.push(segment);
        }
        task::read(segments, failed, meter, &mut done);
        done.iter().for_each(|done| failed.note(done));
        buffer.send(&targets)
    });
    done
}

#[cfg(test)]
mod tests;
