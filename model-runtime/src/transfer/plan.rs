//! [`StoragePlan`]: a storage, the tensors that are wanted of it, and how it is read.

use std::ops::Range;

use indexmap::IndexMap;

use super::Request;
use super::cast::Cast;
use super::spread::Dims;
use crate::checkpoint::storage::{Content, Piece, Run};
use crate::checkpoint::{CheckpointError, Storage, bridge};
use crate::error::{Error, Result};
use crate::hash::Seeded;
use crate::memory::Uninit;

/// How often the bytes of a storage can be in its tensors whatever the limit: files hold a flat parameter and its parts.
const REPEATED: u64 = 4;

/// A storage, and what is wanted of it.
#[derive(Debug)]
pub(super) struct StoragePlan<'r> {
    pub(super) how: How<'r>,
    pub(super) views: Vec<View<'r>>,
}

/// How a storage is read.
#[derive(Debug)]
pub(super) enum How<'r> {
    /// In segments, by any number of threads: runs of plain bytes under contiguous tensors.
    Segments(Vec<Piece<'r>>),
    /// By one thread, from the first byte to the last.
    Forward(Run<'r>),
    /// The same of deflated bytes.
    Inflated(Run<'r>),
    /// The same of bytes that are not as they are in a file, or come from several runs of one.
    Streamed(&'r Storage),
    /// As a whole, before anything is taken from it.
    Whole,
}

/// A tensor that is wanted of a storage.
#[derive(Debug)]
pub(super) struct View<'r> {
    /// The number of the request.
    pub(super) index: usize,
    pub(super) request: Request<'r>,
    /// The bytes of the storage from its first element to its last.
    pub(super) range: Range<usize>,
    pub(super) form: Form,
    pub(super) cast: Cast,
}

/// How the elements of a tensor lie in its storage.
#[derive(Debug)]
pub(super) enum Form {
    /// One after the other.
    Contiguous,
    /// In another order, or apart, each in a place of its own.
    Spread(Dims),
    /// Several in one place.
    Overlapping,
}

/// The storages in the order of the first request for each, of those requests that `is_wanted` says by number.
///
/// # Errors
///
/// A tensor without bytes or beyond the limits, or of a dtype that candle lacks.
pub(super) fn by_storage<'r>(
    requests: &[Request<'r>],
    is_wanted: impl Fn(usize) -> bool,
) -> Result<Vec<StoragePlan<'r>>> {
    let mut storages: IndexMap<_, Vec<View<'r>>, Seeded> = IndexMap::default();
    for (index, request) in requests.iter().enumerate().filter(|(index, _)| is_wanted(*index)) {
        let view = View::new(index, *request).map_err(|error| error.at(request.key))?;
        let storage = request.tensor.storage();
        let same = (storage.id(), std::ptr::from_ref(storage.source()).addr());
        storages.entry(same).or_default().push(view);
    }
    storages.into_values().map(StoragePlan::new).collect()
}

impl<'r> View<'r> {
    fn new(index: usize, request: Request<'r>) -> Result<Self> {
        let Request { tensor, dtype, .. } = request;
        tensor.check_expansion()?;
        let cast = Cast::new(bridge::dtype(tensor.dtype())?, dtype);
        let form = match tensor.is_contiguous() {
            true => Form::Contiguous,
            false => Dims::new(tensor, cast.to().size_in_bytes()).map_or(Form::Overlapping, Form::Spread),
        };
        Ok(Self { index, request, range: tensor.byte_range(), form, cast })
    }

    /// The memory that it is read into.
    pub(super) fn allocate(&self) -> Result<Uninit> {
        let (elements, dtype) = (self.request.tensor.numel(), self.cast.to());
        let nbytes = elements.saturating_mul(dtype.size_in_bytes());
        let no_room = || Error::unsupported(format_args!("there is no memory for its {nbytes} bytes"));
        Uninit::new(dtype, elements).ok_or_else(no_room).map_err(|error| error.at(self.request.key))
    }
}

impl<'r> StoragePlan<'r> {
    fn new(views: Vec<View<'r>>) -> Result<Self> {
        let how = How::new(&views).map_err(|error| match views.first() {
            Some(first) => error.at(first.request.key),
            None => error,
        })?;
        let plan = Self { how, views };
        plan.check_repetition().map_err(|error| Error::from(error).at(plan.key()))?;
        Ok(plan)
    }

    /// A few bytes of a file can be in any number of tensors, each of which gets memory of its own: what is more than the
    /// storage counts as expanded. Names of one view are one request, and never count twice.
    fn check_repetition(&self) -> Result<(), CheckpointError> {
        let Some(first) = self.views.first().filter(|_| self.views.len() > 1) else { return Ok(()) };
        let (storage, nbytes) = (first.request.tensor.storage(), self.nbytes());
        let limit = storage.source().limits().expanded_bytes;
        let repeated = u64::try_from(storage.nbytes()).unwrap_or(u64::MAX).saturating_mul(REPEATED);
        if nbytes <= limit.max(repeated) {
            return Ok(());
        }
        let views = self.views.len();
        let what = format_args!("{views} tensors repeat the {} bytes of one storage", storage.nbytes());
        let error = CheckpointError::limit(what, "expanded_bytes", limit.max(repeated), nbytes);
        Err(error.at(format_args!("storage `{}`", storage.key())).in_file(storage.source().name()))
    }

    /// The key of the tensor that is named where the storage cannot be read.
    pub(super) fn key(&self) -> &'r str {
        self.views.first().map_or("", |view| view.request.key)
    }

    /// The number of bytes that are wanted of it.
    pub(super) fn nbytes(&self) -> u64 {
        let nbytes = |view: &View<'_>| u64::try_from(view.request.tensor.nbytes()).unwrap_or(u64::MAX);
        self.views.iter().map(nbytes).fold(0, u64::saturating_add)
    }

    /// Whether a tensor of it goes elsewhere than into the CPU's memory.
    pub(super) fn leaves_cpu(&self) -> bool {
        self.views.iter().any(|view| !view.request.device.is_cpu())
    }
}

impl<'r> How<'r> {
    fn new(views: &[View<'r>]) -> Result<Self> {
        // A tensor without elements can have a storage without bytes.
        let Some(first) = views.iter().find(|view| !view.range.is_empty()) else {
            return Ok(Self::Segments(Vec::new()));
        };
        // Before anything else: what has no bytes, as on the meta device, can say any size, and is never allocated.
        let storage = first.request.tensor.storage();
        let content = storage.content()?;
        let is_contiguous = views.iter().all(|view| matches!(view.form, Form::Contiguous));
        if views.iter().any(|view| matches!(view.form, Form::Overlapping)) {
            return Ok(Self::Whole);
        }
        Ok(match content {
            Content::Pieces(pieces) if is_contiguous => Self::Segments(pieces),
            Content::Pieces(pieces) => {
                let mut pieces = pieces.into_iter();
                match (pieces.next(), pieces.next()) {
                    (Some(piece), None) if piece.is_run() => Self::Forward(piece.run),
                    _ => Self::Streamed(storage),
                }
            }
            Content::Deflated(run) => Self::Inflated(run),
            Content::Streamed => Self::Streamed(storage),
            Content::Whole => Self::Whole,
        })
    }
}
