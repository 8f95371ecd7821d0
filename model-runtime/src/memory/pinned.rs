//! [`Pinned`] and [`OnDevice`]: a buffer of pinned memory, and the memory of a CUDA tensor that it is copied to.

#![allow(
    unsafe_code,
    reason = "a copy goes on after the call that started it, on memory that types do not keep borrowed so long"
)]

use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::cuda_backend::cudarc::driver::{
    CudaEvent, CudaStream, DevicePtrMut, DriverError, PinnedHostSlice, result, sys,
};
use candle_core::cuda_backend::{CudaDevice, CudaStorage, CudaStorageSlice};
use candle_core::{DType, Error, Result};

use super::Part;

/// The memory of a CUDA tensor before it has contents: allocated, not zeroed.
#[derive(Debug)]
pub(crate) struct OnDevice {
    storage: CudaStorage,
    /// Where it starts, on the device.
    start: sys::CUdeviceptr,
    nbytes: usize,
    /// The bytes that copies to it were started of.
    sent: AtomicUsize,
}

/// A buffer of pinned memory. The device reads it while the program goes on; the methods wait for that where they must.
#[derive(Debug)]
pub(crate) struct Pinned {
    /// Freed by `drop`, unless it cannot be known whether the device still reads it.
    memory: ManuallyDrop<PinnedHostSlice<u8>>,
    /// The parts that were handed out last, and the bytes that each was filled with.
    parts: Vec<(Range<usize>, AtomicUsize)>,
    /// The one stream that copies from it are on, and where they end there.
    stream: Arc<CudaStream>,
    copied: CudaEvent,
    copies: Copies,
}

/// The copies from a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copies {
    /// Complete.
    None,
    /// On their way, before the event on the stream.
    Marked,
    /// On their way, with the event not or not surely behind them.
    Unmarked,
}

fn error(error: DriverError) -> Error {
    Error::Cuda(Box::new(error))
}

/// Writes the table of element types once. What comes back is the storage, its first address, and its size in bytes.
macro_rules! allocate {
    ($device:expr, $stream:expr, $elements:expr, $dtype:expr, [$($name:ident),*]) => {
        match $dtype {
            $(DType::$name => {
                // SAFETY: the contents of the allocation are unset. Nothing reads it before `OnDevice::finish` has
                // counted that all of it is copied to.
                let mut slice = unsafe { $device.alloc($elements) }?;
                let nbytes = slice.num_bytes();
                let start = slice.device_ptr_mut($stream).0;
                (CudaStorageSlice::$name(slice), start, nbytes)
            })*
            dtype => return Err(Error::UnsupportedDTypeForOp(dtype, "a copy to CUDA").bt()),
        }
    };
}

impl OnDevice {
    /// Room for so many elements.
    ///
    /// # Errors
    ///
    /// The device has no room, or it is one of the block formats.
    pub(crate) fn new(device: &CudaDevice, dtype: DType, elements: usize) -> Result<Self> {
        let stream = device.cuda_stream();
        let (slice, start, nbytes) =
            allocate!(device, &stream, elements, dtype, [U8, U32, I16, I32, I64, BF16, F16, F32, F64, F8E4M3]);
        let storage = CudaStorage { slice, device: device.clone() };
        Ok(Self { storage, start, nbytes, sent: AtomicUsize::new(0) })
    }

    /// The memory with its contents, as soon as the stream of the device comes there; `None` if copies to a part of it
    /// were not started.
    pub(crate) fn finish(self) -> Option<CudaStorage> {
        (self.sent.into_inner() == self.nbytes).then_some(self.storage)
    }
}

impl Pinned {
    /// A buffer of so many bytes, for copies to the tensors of `device`.
    ///
    /// # Errors
    ///
    /// The driver gives no more pinned memory.
    pub(crate) fn new(device: &CudaDevice, nbytes: usize) -> Result<Self> {
        let stream = device.cuda_stream();
        let copied = stream.context().new_event(None).map_err(error)?;
        // No flags: cudarc's own choice, write-combined memory, is slow to read, and checksums and conversions read it.
        // SAFETY: the memory is unset, and only handed out as `MaybeUninit`.
        let memory = unsafe { stream.context().alloc_pinned_with_flags(nbytes.max(1), 0) }.map_err(error)?;
        let memory = ManuallyDrop::new(memory);
        Ok(Self { memory, parts: Vec::new(), stream, copied, copies: Copies::None })
    }

    /// Whether no copy from it is on its way.
    pub(crate) fn is_free(&self) -> bool {
        match self.copies {
            Copies::None => true,
            Copies::Marked => self.copied.is_complete(),
            Copies::Unmarked => false,
        }
    }

    /// Waits until no copy from it is on its way, and hands out parts of these lengths.
    ///
    /// # Errors
    ///
    /// A copy failed, or the buffer is smaller than the parts.
    pub(crate) fn parts(&mut self, lens: &[usize]) -> Result<Vec<Part<'_>>> {
        self.wait().map_err(error)?;
        self.parts.clear();
        let mut end = 0usize;
        for len in lens {
            let start = end;
            end = end.saturating_add(*len);
            self.parts.push((start..end, AtomicUsize::new(0)));
        }
        if end > self.memory.len() {
            self.parts.clear();
            return Err(Error::Msg(format!("{end} bytes for a buffer of {}", self.memory.len())));
        }
        let start = self.memory.as_mut_ptr().map_err(error)?.cast::<MaybeUninit<u8>>();
        // SAFETY: the allocation has at least `end` bytes, none of which has to be initialised. `wait` has seen that the
        // device no longer reads it, `send` needs this borrow to have ended, and nothing else reaches it.
        let mut rest = unsafe { std::slice::from_raw_parts_mut(start, end) };
        let mut parts = Vec::with_capacity(lens.len());
        for (range, filled) in &self.parts {
            let (part, after) = rest.split_at_mut(range.len());
            parts.push(Part::new(part, filled));
            rest = after;
        }
        Ok(parts)
    }

    /// Starts to copy each part that was filled to its target: the memory, and the byte in it. Each goes once.
    ///
    /// # Errors
    ///
    /// A target of another device or a part that does not fit into it; the driver refuses a copy.
    pub(crate) fn send(&mut self, targets: &[Option<(&OnDevice, usize)>]) -> Result<()> {
        for ((range, filled), target) in std::mem::take(&mut self.parts).into_iter().zip(targets) {
            if let Some((memory, at)) = *target
                && !range.is_empty()
                && filled.into_inner() == range.len()
            {
                self.copy(range, memory, at)?;
            }
        }
        if self.copies == Copies::Unmarked {
            self.copied.record(&self.stream).map_err(error)?;
            self.copies = Copies::Marked;
        }
        Ok(())
    }

    /// Starts one copy.
    fn copy(&mut self, from: Range<usize>, to: &OnDevice, at: usize) -> Result<()> {
        let is_inside = at.checked_add(from.len()).is_some_and(|end| end <= to.nbytes);
        let address = u64::try_from(at).ok().and_then(|at| to.start.checked_add(at));
        let is_same_stream = Arc::ptr_eq(&self.stream, &to.storage.device.cuda_stream());
        let (Some(address), true, true) = (address, is_inside, is_same_stream) else {
            return Err(Error::Msg(format!("{} bytes at {at} for {} bytes, or another device", from.len(), to.nbytes)));
        };
        self.stream.context().bind_to_thread().map_err(error)?;
        let start = self.memory.as_ptr().map_err(error)?.cast::<MaybeUninit<u8>>();
        // SAFETY: `parts` has checked that the range is inside of the allocation. Nobody writes there: the parts that it
        // handed out borrowed `self`.
        let bytes = unsafe { std::slice::from_raw_parts(start.add(from.start), from.len()) };
        // Set first: a call that fails may have started something.
        self.copies = Copies::Unmarked;
        // SAFETY: the destination is inside of an allocation that was made on this stream, and that is freed on it, so
        // after this copy. The source is neither written nor freed before `wait` has seen the copy's end. Tensors are
        // not used before the caller has waited for the stream, or are used on this stream, after the copy.
        unsafe { result::memcpy_htod_async(address, bytes, self.stream.cu_stream()) }.map_err(error)?;
        to.sent.fetch_add(from.len(), Ordering::Relaxed);
        Ok(())
    }

    /// Waits until no copy from it is on its way. After an error that is not known.
    fn wait(&mut self) -> std::result::Result<(), DriverError> {
        match self.copies {
            Copies::None => {}
            Copies::Marked => self.copied.synchronize()?,
            Copies::Unmarked => self.stream.synchronize()?,
        }
        self.copies = Copies::None;
        Ok(())
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // An error left by an earlier call would come back from the first attempt, which then has not waited.
        if self.wait().or_else(|_| self.wait()).is_ok() {
            // SAFETY: it is not used after this, and dropped once. The device no longer reads it.
            unsafe { ManuallyDrop::drop(&mut self.memory) };
        }
    }
}
