//! Reads a batch of storages: allocates their tensors, runs the tasks, compares the checksums.

use candle_core::Tensor;
use crc32fast::Hasher;

use super::cut::cut;
use super::feed::Feed;
use super::plan::{How, StoragePlan, View};
use super::progress::Meter;
use super::task::{Done, Failed, Task, groups, tasks};
use crate::checkpoint::storage::Piece;
use crate::checkpoint::{CheckpointError, bridge};
use crate::error::{Error, Result};
use crate::memory::Uninit;
use crate::threads;

/// Bytes on their way to another device than the CPU: so much memory they take besides the tensors that stay.
const ON_THEIR_WAY: u64 = 64 << 20;

/// Bytes of the storages that are in memory as a whole at a time, but for one that has more.
const WHOLE: usize = 4 << 20;

/// Storages that are read together: all, but that those whose tensors go to other devices are moved there in between.
pub(super) fn batches<'p, 'r>(mut storages: &'p [StoragePlan<'r>]) -> Vec<&'p [StoragePlan<'r>]> {
    let mut batches = Vec::new();
    while !storages.is_empty() {
        let mut on_their_way = 0u64;
        let fits = |storage: &&StoragePlan<'_>| {
            let is_first = on_their_way == 0;
            on_their_way = on_their_way.saturating_add(if storage.leaves_cpu() { storage.nbytes() } else { 0 });
            is_first || on_their_way <= ON_THEIR_WAY
        };
        let (batch, rest) = storages.split_at(storages.iter().take_while(fits).count());
        batches.push(batch);
        storages = rest;
    }
    batches
}

/// The tensors of these storages, by the number of their request.
///
/// # Errors
///
/// The first storage that cannot be read.
pub(super) fn read(storages: &[StoragePlan<'_>], meter: &Meter) -> Result<Vec<(usize, Tensor)>> {
    let mut memories = Vec::with_capacity(storages.len());
    for storage in storages {
        memories.push(storage.views.iter().map(View::allocate).collect::<Result<Vec<_>>>()?);
    }
    let done = fill(storages, &mut memories, meter);
    check(storages, done)?;
    meter.reach(storages.iter().map(StoragePlan::nbytes).fold(0, u64::saturating_add));
    let views = storages.iter().flat_map(|storage| &storage.views);
    views.zip(memories.into_iter().flatten()).map(|(view, memory)| Ok((view.index, view.tensor(memory)?))).collect()
}

/// Reads the storages into the memories of their tensors.
fn fill<'w>(storages: &'w [StoragePlan<'w>], memories: &'w mut [Vec<Uninit>], meter: &Meter) -> Vec<Done> {
    let (mut segments, mut others) = (Vec::new(), Vec::new());
    for (number, (storage, memories)) in storages.iter().zip(memories).enumerate() {
        match &storage.how {
            How::Segments(pieces) => {
                others.extend(verifications(number, pieces));
                segments.extend(cut(number, pieces, &storage.views, memories));
            }
            How::Forward(_) | How::Inflated(_) | How::Streamed(_) | How::Whole => {
                others.push(Task::Feed(Feed::new(number, storage, memories)));
            }
        }
    }
    let (whole, others): (Vec<_>, Vec<_>) = others.into_iter().partition(Task::is_whole);
    // The long ones first.
    let tasks: Vec<_> = others.into_iter().chain(tasks(segments)).collect();
    let failed = Failed::none();
    let run = |tasks: Vec<Task<'_>>| threads::map(tasks, |task| task.run(&failed, meter)).into_iter().flatten();
    let mut done: Vec<_> = run(tasks).collect();
    for together in groups(whole, WHOLE, Task::held) {
        done.extend(run(together));
    }
    done
}

/// The comparisons of checksums of which the pieces of a storage are only parts.
pub(super) fn verifications<'w>(number: usize, pieces: &'w [Piece<'w>]) -> impl Iterator<Item = Task<'w>> {
    let pieces_in_order = pieces.iter().enumerate();
    let partly = pieces_in_order.filter(|(_, piece)| !piece.is_run() && piece.run.is_unverified());
    partly.map(move |(at, piece)| Task::Verify(number, at, piece.run.storage()))
}

/// Compares the checksums, and finds the first storage that could not be read.
pub(super) fn check(storages: &[StoragePlan<'_>], mut done: Vec<Done>) -> Result<()> {
    done.sort_by_key(|done| (done.storage, done.piece));
    let mut done = done.into_iter().peekable();
    while let Some(Done { storage: number, piece, result }) = done.next() {
        let Some(storage) = storages.get(number) else { continue };
        let named = |error: CheckpointError| Error::from(error).at(storage.key());
        let mut checksum = result.map_err(named)?;
        while let Some(next) = done.next_if(|next| (next.storage, next.piece) == (number, piece)) {
            if let (Some(next), Some(checksum)) = (next.result.map_err(named)?, &mut checksum) {
                checksum.combine(&next);
            }
        }
        if let (Some(checksum), How::Segments(pieces)) = (checksum, &storage.how) {
            compare(pieces.get(piece), checksum).map_err(named)?;
        }
    }
    Ok(())
}

fn compare(piece: Option<&Piece<'_>>, checksum: Hasher) -> Result<(), CheckpointError> {
    piece.map_or(Ok(()), |piece| piece.run.check(checksum.finalize()))
}

impl View<'_> {
    /// The tensor whose memory was filled, where it goes.
    fn tensor(&self, memory: Uninit) -> Result<Tensor> {
        let request = &self.request;
        let not_filled = || Error::unsupported("not all of its bytes were read");
        // candle records what is done with a variable.
        let is_done = request.device.is_cpu() && self.cast.to() == request.dtype;
        let tensor = memory.finish().ok_or_else(not_filled);
        let tensor =
            tensor.map(|storage| bridge::of_storage(storage, request.tensor.shape(), request.as_variable && is_done));
        let moved = |tensor: Tensor| Ok(tensor.to_dtype(request.dtype)?.to_device(request.device)?);
        tensor.and_then(moved).map_err(|error| error.at(request.key))
    }
}
