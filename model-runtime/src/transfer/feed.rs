//! [`Feed`]: a storage that one thread reads from its first byte to its last, for tensors that are not contiguous and for
//! bytes that can be had in no other order.

use std::ops::Range;

use crc32fast::Hasher;

use super::blocks::Blocks;
use super::cast::Cast;
use super::plan::{Form, How, StoragePlan, View};
use super::progress::Meter;
use super::scratch::{self, BLOCK};
use super::sink::{Copy, Sink};
use super::spread::{Dims, Spread};
use crate::checkpoint::replace::Failure;
use crate::checkpoint::storage::Run;
use crate::checkpoint::{CheckpointError, Storage, TensorInfo, gather};
use crate::memory::{Part, Uninit, zeroed};

/// Bytes of an overlapping tensor that are gathered before they are converted; a row of it that is longer is gathered at
/// once.
const GATHERED: usize = 64 << 10;

/// A storage, and the tensors that it fills.
#[derive(Debug)]
pub(super) struct Feed<'w> {
    /// The number of the storage in its batch.
    pub(super) storage: usize,
    how: &'w How<'w>,
    /// What is read as a whole.
    whole: Option<&'w Storage>,
    /// The first and the last byte that a tensor wants.
    wanted: Range<usize>,
    /// The tensors that begin behind what was read, the first one last, each with its bytes of the storage.
    waiting: Vec<(Range<usize>, Sink<'w>)>,
    /// Those that have bytes on both sides of the end of what was read.
    open: Vec<(Range<usize>, Sink<'w>)>,
    /// The strided ones, which are zeroed by the thread that reads them.
    strided: Vec<Strided<'w>>,
    /// The tensors that have elements of which several are in one place.
    overlapping: Vec<Overlapping<'w>>,
}

#[derive(Debug)]
struct Strided<'w> {
    range: Range<usize>,
    dims: &'w Dims,
    cast: Cast,
    part: Part<'w>,
}

#[derive(Debug)]
struct Overlapping<'w> {
    tensor: &'w TensorInfo,
    cast: Cast,
    part: Part<'w>,
}

impl<'w> Feed<'w> {
    pub(super) fn new(storage: usize, plan: &'w StoragePlan<'w>, memories: &'w mut [Uninit]) -> Self {
        let ranges = || plan.views.iter().map(|view| &view.range).filter(|range| !range.is_empty());
        let start = ranges().map(|range| range.start).min().unwrap_or(0) / BLOCK * BLOCK;
        let wanted = start..ranges().map(|range| range.end).max().unwrap_or(0);
        let whole = plan.views.first().map(|view| &**view.request.tensor.storage());
        let (mut waiting, mut strided, mut overlapping) = (Vec::new(), Vec::new(), Vec::new());
        for (View { request, range, form, cast, .. }, memory) in plan.views.iter().zip(memories) {
            let part = memory.part();
            match form {
                Form::Contiguous => {
                    waiting.push((range.clone(), Sink::Copy(Copy::new(range.clone(), *cast, part))));
                }
                Form::Spread(dims) => strided.push(Strided { range: range.clone(), dims, cast: *cast, part }),
                Form::Overlapping => overlapping.push(Overlapping { tensor: request.tensor, cast: *cast, part }),
            }
        }
        Self { storage, how: &plan.how, whole, wanted, waiting, open: Vec::new(), strided, overlapping }
    }

    /// The bytes of the storage that it needs memory for at a time.
    pub(super) fn held(&self) -> usize {
        let whole = self.whole.filter(|_| matches!(self.how, How::Whole));
        whole.map_or(0, |storage| storage.nbytes().max(1))
    }

    pub(super) fn read(mut self, meter: &Meter) -> Result<(), CheckpointError> {
        self.prepare();
        match self.how {
            How::Forward(run) => self.forward(run, meter),
            How::Inflated(run) => self.inflate(run, meter),
            How::Streamed(storage) => self.stream(storage, meter),
            How::Whole | How::Segments(_) => self.whole(meter),
        }
    }

    /// Zeroes the strided tensors, and puts all in order.
    fn prepare(&mut self) {
        for Strided { range, dims, cast, part } in std::mem::take(&mut self.strided) {
            let Ok(out) = part.fill(|out| Ok::<_, std::convert::Infallible>(zeroed(out)));
            self.waiting.push((range.clone(), Sink::Spread(Spread::new(range.start, dims, cast, out))));
        }
        self.waiting.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    }

    /// Hands a block to the tensors that have some of it, and to no other: there can be as many as blocks.
    fn offer(&mut self, at: usize, block: &[u8]) {
        let end = at.saturating_add(block.len());
        while let Some(begun) = self.waiting.pop_if(|(range, _)| range.start < end) {
            self.open.push(begun);
        }
        self.open.iter_mut().for_each(|(_, sink)| sink.take(at, block));
        self.open.retain(|(range, _)| range.end > end);
    }

    fn forward(&mut self, run: &Run<'_>, meter: &Meter) -> Result<(), CheckpointError> {
        let is_all = self.wanted == (0..run.storage().nbytes());
        let is_checked = run.has_checksum() && (is_all || run.is_unverified());
        let range = if is_checked { 0..run.storage().nbytes() } else { self.wanted.clone() };
        let mut hasher = is_checked.then(Hasher::new);
        scratch::with(|scratch| {
            for at in range.clone().step_by(BLOCK) {
                let block = scratch.get_mut(..BLOCK.min(range.end - at)).unwrap_or_default();
                run.read(at, block)?;
                self.take(run, at, block, hasher.as_mut());
                meter.add(block.len());
            }
            hasher.map_or(Ok(()), |hasher| run.check(hasher.finalize()))
        })
    }

    fn inflate(&mut self, run: &Run<'_>, meter: &Meter) -> Result<(), CheckpointError> {
        let mut hasher = run.has_checksum().then(Hasher::new);
        let mut stream = run.stream();
        let nbytes = run.storage().nbytes();
        scratch::with(|scratch| {
            for at in (0..nbytes).step_by(BLOCK) {
                let block = scratch.get_mut(..BLOCK.min(nbytes - at)).unwrap_or_default();
                stream.read(block)?;
                self.take(run, at, block, hasher.as_mut());
                meter.add(block.len());
            }
            stream.finish()?;
            hasher.map_or(Ok(()), |hasher| run.check(hasher.finalize()))
        })
    }

    /// Hands a block of the file to everything that wants some of it.
    fn take(&mut self, run: &Run<'_>, at: usize, block: &mut [u8], hasher: Option<&mut Hasher>) {
        if let Some(hasher) = hasher {
            hasher.update(block);
        }
        run.swap(block);
        self.offer(at, block);
    }

    fn stream(&mut self, storage: &Storage, meter: &Meter) -> Result<(), CheckpointError> {
        scratch::with(|scratch| {
            let mut blocks = Blocks::new(scratch, |at, block| {
                self.offer(at, block);
                meter.add(block.len());
            });
            storage.write_to(0..storage.nbytes(), &mut blocks).map_err(Failure::into_content)?;
            blocks.finish();
            Ok(())
        })
    }

    fn whole(&mut self, meter: &Meter) -> Result<(), CheckpointError> {
        let Some(storage) = self.whole else { return Ok(()) };
        let bytes = storage.read()?;
        for (number, block) in bytes.chunks(BLOCK).enumerate() {
            self.offer(number * BLOCK, block);
        }
        for tensor in std::mem::take(&mut self.overlapping) {
            // What was checked when the file was opened; a memory that is not filled becomes no tensor.
            let _ = tensor.gather(&bytes);
        }
        meter.add(bytes.len());
        Ok(())
    }
}

impl Overlapping<'_> {
    fn gather(self, storage: &[u8]) -> Option<()> {
        let Self { tensor, cast, part } = self;
        let (mut rest, mut gathered) = (Some(part), Vec::new());
        let mut flush = |gathered: &mut Vec<u8>| {
            let (now, later) = rest.take()?.split_at(cast.nbytes(gathered.len()));
            cast.fill(gathered, now);
            gathered.clear();
            rest = Some(later);
            Some(())
        };
        let window = storage.get(tensor.byte_range())?;
        let size = tensor.dtype().itemsize();
        gather::blocks(window, size, tensor.shape(), tensor.strides(), &mut gathered, |gathered| {
            if gathered.len() < GATHERED { Some(()) } else { flush(gathered) }
        })?;
        flush(&mut gathered)
    }
}
