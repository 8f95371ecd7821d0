//! Tensors that lie over mapped files, in place of being read.

use std::ops::Range;
use std::ptr;

use candle_core::Tensor;

use super::Request;
use crate::checkpoint::{Place, bridge};
use crate::memory::Mapping;

/// Bytes of the least tensor that is worth keeping a file mapped for.
const LEAST: usize = 64;

/// The part of a file that a load wants.
struct Part<'r> {
    place: Place<'r>,
    bytes: Range<u64>,
}

/// The tensors that can lie over the files of the requests, in the same order; `None` for those that must be read. Each
/// file is mapped once.
pub(super) fn over_files(requests: &[Request<'_>]) -> Vec<Option<Tensor>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut places = Vec::with_capacity(requests.len());
    for request in requests {
        places.push(place(request).map(|(place, end)| {
            // Tensors of one file follow each other.
            let known = parts.iter_mut().enumerate().rfind(|(_, part)| ptr::eq(part.place.file, place.file));
            let start = place.start;
            if let Some((at, part)) = known {
                part.bytes = part.bytes.start.min(start)..part.bytes.end.max(end);
                return (at, start);
            }
            parts.push(Part { place, bytes: start..end });
            (parts.len() - 1, start)
        }));
    }
    let mapping = |part: Part<'_>| Mapping::new(part.place.file, part.place.promise, part.bytes);
    let mut mappings: Vec<Option<Mapping>> = parts.into_iter().map(mapping).collect();
    let tensor = |(request, place): (&Request<'_>, Option<(usize, u64)>)| {
        let (file, start) = place?;
        let storage = mappings.get_mut(file)?.as_mut()?.storage(request.dtype, start, request.tensor.numel())?;
        Some(bridge::of_storage(storage, request.tensor.shape(), request.as_variable))
    };
    requests.iter().zip(places).map(tensor).collect()
}

/// The place of a tensor whose elements can stay where they are, and where it ends.
fn place<'r>(request: &Request<'r>) -> Option<(Place<'r>, u64)> {
    let Request { tensor, dtype, device, .. } = request;
    let stays = device.is_cpu() && tensor.nbytes() >= LEAST && bridge::dtype(tensor.dtype()).ok() == Some(*dtype);
    let place = if stays { tensor.place()? } else { return None };
    Some((place, place.start.checked_add(u64::try_from(tensor.nbytes()).ok()?)?))
}
