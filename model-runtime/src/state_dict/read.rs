//! Reads tensors: each storage once, in parallel, and each tensor to its own device.

use std::collections::HashMap;

use candle_core::DType;
use indexmap::IndexMap;
use rayon::prelude::*;

use super::entry::{Entry, View};
use crate::device::{self, AnyDevice};
use crate::error::{Error, Result};

/// A tensor that is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'s> {
    pub(super) entry: &'s Entry,
    /// What its elements become.
    pub(super) dtype: DType,
    /// Where it goes.
    pub(super) device: AnyDevice,
}

/// A tensor to read, and the requests that get it.
struct Job<'s> {
    request: Request<'s>,
    device: candle_core::Device,
    positions: Vec<usize>,
}

/// The tensors that were asked for, by position. Requests for one view, dtype and device share a tensor.
///
/// # Errors
///
/// A device that is not available, or a tensor that cannot be read.
pub(super) fn read<'s>(
    requests: impl IntoIterator<Item = (usize, Request<'s>)>,
) -> Result<HashMap<usize, candle_core::Tensor>> {
    let storages = by_storage(requests)?;
    let tensors: Vec<_> = storages.par_iter().map(|jobs| of_storage(jobs)).collect();
    // In the order of the requests, so that the same file gives the same error each time.
    let tensors = tensors.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(tensors.into_iter().flatten().collect())
}

/// The tensors to read, each once, those of one storage together.
fn by_storage<'s>(requests: impl IntoIterator<Item = (usize, Request<'s>)>) -> Result<Vec<Vec<Job<'s>>>> {
    let mut jobs: IndexMap<(View, DType, AnyDevice), Job<'s>> = IndexMap::new();
    for (position, request) in requests {
        let device = device::handle(request.device)?;
        let same = (request.entry.view(), request.dtype, request.device);
        let job = || Job { request, device, positions: Vec::new() };
        jobs.entry(same).or_insert_with(job).positions.push(position);
    }
    let mut storages: IndexMap<_, Vec<Job<'s>>> = IndexMap::new();
    for job in jobs.into_values() {
        storages.entry(job.request.entry.storage_id()).or_default().push(job);
    }
    Ok(storages.into_values().collect())
}

/// Reads one storage, and makes all tensors that view it.
fn of_storage(jobs: &[Job<'_>]) -> Result<Vec<(usize, candle_core::Tensor)>> {
    // A storage that a single tensor views is read without a buffer for all of it.
    let storage = match jobs {
        [Job { request, .. }, _, ..] => request.entry.storage_bytes()?,
        _ => None,
    };
    let mut tensors = Vec::new();
    for Job { request, device, positions } in jobs {
        let tensor = request.entry.to_candle(storage.as_deref())?;
        let converted = tensor.to_dtype(request.dtype).and_then(|tensor| tensor.to_device(device));
        let tensor = converted.map_err(|error| Error::from(error).at(request.entry.key()))?;
        tensors.extend(positions.iter().map(|position| (*position, tensor.clone())));
    }
    Ok(tensors)
}
