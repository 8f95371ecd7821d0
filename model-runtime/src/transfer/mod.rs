//! Reads tensors of a file into the memory that they stay in: each storage once, in parallel, a block at a time.
//!
//! | step | file |
//! |---|---|
//! | leave where they are those that can lie over a mapped file | `mapped` |
//! | group the requests by storage, and decide how each storage is read | `plan` |
//! | allocate the tensors, without zeroing them | `memory::Uninit` |
//! | cut storages of which all tensors are contiguous into segments, for any thread | `segment`, `cut` |
//! | read other storages from first byte to last, by one thread each | `feed`, `blocks` |
//! | put what was read where it goes: as it is, converted, spread by strides | `cast`, `sink`, `spread` |
//! | compare checksums, and make tensors | `batch` |
//! | send segments to a CUDA device while others are read | `cuda`, `stage`, `ring`, `lane`, `memory::pinned` |
//!
//! At no time is there more memory than the tensors and a block for each thread, but for a storage that can only be had as
//! a whole (views that overlap themselves, chunks of a distributed checkpoint that are cut in two dimensions): of such
//! storages only small ones are read at the same time. Where the system refuses to start threads, the calling one reads.

mod batch;
mod blocks;
mod cast;
#[cfg(feature = "cuda")]
mod cuda;
mod cut;
mod feed;
#[cfg(any(feature = "cuda", test))]
mod lane;
mod mapped;
mod plan;
mod progress;
#[cfg(any(feature = "cuda", test))]
mod ring;
mod scratch;
mod segment;
mod sink;
mod spread;
#[cfg(any(feature = "cuda", test))]
mod stage;
mod task;

use candle_core::{DType, Device, Tensor};

use crate::checkpoint::TensorInfo;
use crate::error::Result;

pub use progress::Progress;
pub(crate) use progress::{Callback, Meter};

/// A tensor of a file that is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'r> {
    /// Its key, for messages.
    pub(crate) key: &'r str,
    pub(crate) tensor: &'r TensorInfo,
    /// What its elements become.
    pub(crate) dtype: DType,
    /// Where it goes.
    pub(crate) device: &'r Device,
    /// Whether it comes as a variable, if nothing is left to convert or move: making one of a tensor takes a copy.
    pub(crate) as_variable: bool,
}

/// The tensors that were asked for, in the same order, each with memory of its own: over its file, where that is mapped.
///
/// # Errors
///
/// The first request that cannot be satisfied at all; else the first storage, in the order of the requests, that cannot
/// be read. What goes to a CUDA device through pinned memory is read first, a device after the other.
pub(crate) fn read(requests: &[Request<'_>], meter: &Meter) -> Result<Vec<Tensor>> {
    let mut tensors = mapped::over_files(requests);
    let storages = plan::by_storage(requests, |index| matches!(tensors.get(index), Some(None)))?;
    let left = storages.iter().map(|storage| storage.views.len()).sum();
    meter.start(storages.iter().map(plan::StoragePlan::nbytes).fold(0, u64::saturating_add), left);
    let mut keep = |read: Vec<(usize, Tensor)>| {
        for (index, tensor) in read {
            if let Some(slot) = tensors.get_mut(index) {
                *slot = Some(tensor);
            }
        }
    };
    #[cfg(feature = "cuda")]
    let storages = {
        let (through_pinned, others) = cuda::by_device(storages);
        for (device, storages) in through_pinned {
            keep(cuda::read(&device, &storages, meter)?);
        }
        others
    };
    for batch in batch::batches(&storages) {
        keep(batch::read(batch, meter)?);
    }
    meter.finish();
    // Each request is a view of one storage of one batch.
    Ok(tensors.into_iter().flatten().collect())
}
