//! Reads tensors: each storage once, in parallel, and each tensor to its own device.

use candle_core::DType;
use indexmap::IndexMap;

use super::entry::{Data, Entry, View};
use crate::device::{self, AnyDevice};
use crate::error::{Error, Result};
use crate::hash::Seeded;
use crate::transfer::{self, Meter};

/// A tensor that is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'s> {
    pub(super) entry: &'s Entry,
    /// What its elements become.
    pub(super) dtype: DType,
    /// Where it goes.
    pub(super) device: AnyDevice,
    /// Whether it comes as a variable, if that takes no copy.
    pub(super) as_variable: bool,
}

/// A tensor to read, and the requests that get it.
struct Job<'s> {
    request: Request<'s>,
    device: candle_core::Device,
    positions: Vec<usize>,
}

/// The tensors that were asked for, in the order of the requests. Those for one view, dtype and device share a tensor.
///
/// # Errors
///
/// A device that is not available, or a tensor that cannot be read.
pub(super) fn read(requests: &[Option<Request<'_>>], meter: &Meter) -> Result<Vec<Option<candle_core::Tensor>>> {
    let (jobs, mut tensors) = (jobs(requests)?, vec![None; requests.len()]);
    let mut keep = |job: &Job<'_>, tensor: &candle_core::Tensor| {
        for position in &job.positions {
            tensors.get_mut(*position).into_iter().for_each(|slot| *slot = Some(tensor.clone()));
        }
    };
    let (in_file, others): (Vec<_>, Vec<_>) = jobs.iter().partition(|job| job.of_file().is_some());
    let requests: Vec<_> = in_file.iter().filter_map(|job| job.of_file()).collect();
    for (job, tensor) in in_file.into_iter().zip(transfer::read(&requests, meter)?) {
        keep(job, &tensor);
    }
    for job in others {
        let tensor = job.of_memory().map_err(|error| error.at(job.request.entry.key()))?;
        keep(job, &tensor);
    }
    Ok(tensors)
}

/// A tensor with memory of its own.
pub(super) fn read_one(request: Request<'_>) -> Result<candle_core::Tensor> {
    let no_data = || Error::NoData { key: request.entry.key().to_owned() };
    read(&[Some(request)], &Meter::default())?.pop().flatten().ok_or_else(no_data)
}

/// The tensors to read, each once.
fn jobs<'s>(requests: &[Option<Request<'s>>]) -> Result<Vec<Job<'s>>> {
    let mut jobs: IndexMap<(View<'s>, DType, AnyDevice), Job<'s>, Seeded> =
        IndexMap::with_capacity_and_hasher(requests.len(), Seeded::default());
    for (position, request) in requests.iter().enumerate() {
        let Some(request) = *request else { continue };
        let device = device::handle(request.device)?;
        let same = (request.entry.view(), request.dtype, request.device);
        let job = || Job { request, device, positions: Vec::new() };
        jobs.entry(same).or_insert_with(job).positions.push(position);
    }
    Ok(jobs.into_values().collect())
}

impl Job<'_> {
    /// The request for what is in a file.
    fn of_file(&self) -> Option<transfer::Request<'_>> {
        let Request { entry, dtype, as_variable, .. } = self.request;
        match entry.data() {
            Data::File(tensor) => {
                let (key, device) = (entry.key(), &self.device);
                Some(transfer::Request { key, tensor, dtype, device, as_variable })
            }
            Data::Memory(..) | Data::Described(..) => None,
        }
    }

    /// A copy of what is in memory.
    fn of_memory(&self) -> Result<candle_core::Tensor> {
        let Request { entry, dtype, .. } = self.request;
        match entry.data() {
            Data::Memory(tensor, _) => {
                Ok(tensor.detach().force_contiguous()?.to_dtype(dtype)?.to_device(&self.device)?)
            }
            Data::File(_) | Data::Described(..) => Err(Error::NoData { key: entry.key().to_owned() }),
        }
    }
}
