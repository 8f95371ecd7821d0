//! Tensors that lie over mapped files, in place of being read.

use std::collections::HashMap;
use std::ops::Range;
use std::ptr;

use candle_core::Tensor;

use super::Request;
use crate::checkpoint::{Place, TensorInfo, bridge};
use crate::memory::Mapping;

/// Bytes of the least tensor that is worth keeping a file mapped for.
const LEAST: usize = 64;

/// The part of a file that a load wants.
struct Span<'r> {
    place: Place<'r>,
    bytes: Range<u64>,
}

/// The tensors that can lie over the files of the requests, in the same order; `None` for those that must be read. Each
/// file is mapped once.
pub(super) fn over_files(requests: &[Request<'_>]) -> Vec<Option<Tensor>> {
    let places: Vec<_> = requests.iter().map(place).collect();
    let mut spans: HashMap<usize, Span<'_>> = HashMap::new();
    for (request, place) in requests.iter().zip(&places) {
        let Some(place) = place else { continue };
        let end = end(request.tensor, place);
        let span = spans.entry(file(place)).or_insert_with(|| Span { place: *place, bytes: place.start..end });
        span.bytes = span.bytes.start.min(place.start)..span.bytes.end.max(end);
    }
    let mapping = |(file, Span { place, bytes })| Some((file, Mapping::new(place.file, place.promise, bytes)?));
    let mut mappings: HashMap<usize, Mapping> = spans.into_iter().filter_map(mapping).collect();
    let tensor = |(request, place): (&Request<'_>, Option<Place<'_>>)| {
        let place = place?;
        let mapping = mappings.get_mut(&file(&place))?;
        let storage = mapping.storage(request.dtype, place.start, request.tensor.numel())?;
        Some(bridge::of_storage(storage, request.tensor.shape()))
    };
    requests.iter().zip(places).map(tensor).collect()
}

/// The place of a tensor whose elements can stay where they are.
fn place<'r>(request: &Request<'r>) -> Option<Place<'r>> {
    let Request { tensor, dtype, device, .. } = request;
    let stays = device.is_cpu() && tensor.nbytes() >= LEAST && bridge::dtype(tensor.dtype()).ok() == Some(*dtype);
    if stays { tensor.place() } else { None }
}

fn file(place: &Place<'_>) -> usize {
    ptr::from_ref(place.file).addr()
}

fn end(tensor: &TensorInfo, place: &Place<'_>) -> u64 {
    place.start.saturating_add(u64::try_from(tensor.nbytes()).unwrap_or(u64::MAX))
}
